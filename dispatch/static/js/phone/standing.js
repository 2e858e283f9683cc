// Where each carried job stands once everything that waits has been done. No rule is known here: what leads where
// comes with the job (`moves`), and whose turn it is with the day (`turns`).
export function standings(carry, entries) {
  const jobs = Object.entries(carry?.jobs ?? {});
  return Object.fromEntries(jobs.map(([number, job]) => [number, standing(job, entries.filter((entry) => entry.job === number))]));
}

export function nextOf(carry, day, stands) {
  for (const turn of carry.turns) {
    const found = day.jobs.find((number) => turn.includes(stands[number].state));
    if (found) return found;
  }
  return null;
}

export function hasEnded(job, state) {
  return state in job.bars;
}

function standing(job, waiting) {
  const path = [job.state];
  for (const { kind, body } of waiting) {
    if (kind !== "transition") continue;
    if (body.to === "undone" && path.length > 1) path.pop();
    else if (body.to === "undone" && job.moves[job.before]) path[0] = job.before;
    else if (job.moves[path.at(-1)]?.[body.to]) path.push(job.moves[path.at(-1)][body.to]);
  }
  const last = waiting.filter((entry) => entry.kind === "transition").at(-1);
  // what was taken back is not taken back once more: the server knows one tap back
  const tappedAt = last && last.body.to !== "undone" ? Date.parse(last.at) : 0;
  return { state: path.at(-1), waiting, tappedAt, isTouched: waiting.length > 0 };
}
