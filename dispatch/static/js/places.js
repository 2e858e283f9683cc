// The day as places, from what rows and decisions already say: data-point of a job, data-seen of a technician's row.
const list = document.getElementById("route-list");
export const TONES = ["open", "late", "risk", "begun", "", "done"]; // worst first
const WHEN = (job) => document.getElementById(job.id)?.dataset.start ?? 0;

// Every place once, the worst first: its jobs and who last tapped there.
export function read() {
  const found = new Map();
  const at = (point, name) => {
    if (!found.has(point)) found.set(point, { key: point, at: point.split(" ").map(Number), name, jobs: [], people: [] });
    return found.get(point);
  };
  for (const stop of list.querySelectorAll("a.stop[data-point]")) {
    at(stop.dataset.point, stop.dataset.place).jobs.push({ number: stop.id.slice(5), id: stop.id, tone: toneOf(stop), dim: stop.classList.contains("dim"), row: stop.closest(".route").id });
  }
  for (const item of document.querySelectorAll(".decision[data-point]")) {
    const { number, point, place } = item.dataset;
    if (document.getElementById(`stop-${number}`)) continue;
    at(point, place).jobs.push({ number, id: `decide-${number}`, tone: item.dataset.state === "unplanned" ? "open" : "done", dim: item.classList.contains("dim") });
  }
  for (const row of list.querySelectorAll(".route[data-seen]")) {
    at(row.dataset.seen, row.dataset.seenPlace).people.push({ row: row.id, name: person(row.id), told: row.dataset.seenTold, coming: "seenComing" in row.dataset, dim: row.hidden });
  }
  return [...found.values()].sort((a, b) => worst(a) - worst(b) || b.jobs.length - a.jobs.length);
}

function toneOf(stop) {
  return ["late", "risk", "begun", "done"].find((tone) => stop.classList.contains(tone)) ?? "";
}

export function worst({ jobs }) {
  const bright = jobs.filter((job) => !job.dim);
  return Math.min(TONES.length, ...(bright.length ? bright : jobs).map((job) => TONES.indexOf(job.tone)));
}

export function nameOf(group, jobs, people, words) {
  const count = (key, number) => words[key].replace("#", number);
  const told = TONES.filter(Boolean).map((tone) => [tone, jobs.filter((job) => job.tone === tone).length]).filter(([, number]) => number);
  return [
    group[0].name,
    ...(group.length > 1 ? [group.length === 2 ? words.another : count("more", group.length - 1)] : []),
    ...(jobs.length ? [jobs.length === 1 ? words.one : count("many", jobs.length)] : []),
    ...told.map(([tone, number]) => count(tone, number)),
    ...people.map((one) => `${one.name} ${one.told}`),
  ].join(", ");
}

// Jobs worst first, then those who were there: id names what choosing it presses on the board.
export function described(jobs, people, nobody) {
  const order = [...jobs].sort((a, b) => TONES.indexOf(a.tone) - TONES.indexOf(b.tone) || WHEN(a) - WHEN(b));
  return [
    ...order.map(({ id, tone, row }) => ({ id, tone, what: whatOf(document.getElementById(id)), who: row ? person(row) : nobody })),
    ...people.map(({ row, name, told }) => ({ id: row.replace("route", "pick"), who: told, what: name, person: name })),
  ];
}

function whatOf(source) {
  const when = source?.querySelector(".stop-when time")?.textContent;
  const what = (source?.querySelector(".stop-what") ?? source)?.textContent;
  return [when, what].filter(Boolean).join(" ");
}

function person(row) {
  return document.getElementById(row).querySelector(".route-name").textContent;
}

export function short(name) {
  return name.split(" · ").at(-1);
}

export function initials(name) {
  return name.split(/\s+/).map((part) => part[0]).filter((letter) => letter !== letter.toLowerCase()).slice(0, 2).join("");
}
