// What the phone carries: fetched when something may have changed, removed when it is too old to rely on.
import { EPOCH, reach, read } from "./flush.js";
import { ask, forget, within } from "./store.js";
import { unfold } from "./unfold.js";

const FILES = "files";
let leaving = false;

// From here on nothing is kept any more: what is still under way must not come back after it was forgotten.
export function leave() {
  leaving = true;
}

// Drawn by a server of this page's age, or not there: what an older one drew is fetched anew.
export async function carried() {
  const known = await kept();
  return known?.epoch === EPOCH ? unfold(known) : undefined;
}

async function kept() {
  return within(["carry"], "readonly", (store) => ask(store("carry").get("carry")));
}

// "fresh", "same", "old" (a page of this age cannot read it) or "none" (nobody is signed in); throws Lost.
export async function refresh({ whole }) {
  const known = await kept();
  const address = known?.epoch === EPOCH && !whole ? `/jobs/carry?after=${known.cursor}` : "/jobs/carry";
  const answer = await reach(address);
  if (answer.status === 204) {
    await keep({ ...known, ...stretched(known) }, "same");
    fetchFiles(known.files).catch(() => {}); // what was cut off when they were told of
    return "same";
  }
  if (!answer.ok || answer.redirected || leaving) return "none";
  const fresh = await read(answer);
  if (fresh.epoch !== EPOCH) return "old";
  for (const job of Object.values(fresh.jobs)) job.drawn = job.state;
  if (known && known.person !== fresh.person) await forget({ keepQueue: true });
  if (leaving) return "none";
  await keep(fresh, "fresh");
  fetchFiles(fresh.files).catch(() => {}); // what is missing is fetched with the next
  return "fresh";
}

// Somebody else has signed in, or it was too long ago: gone, whatever else happens. What is not sent stays.
export async function expire(person) {
  const known = await kept();
  if (!known) return null;
  const isTooOld = Date.now() > Date.parse(known.expires_at);
  const isOthers = Boolean(person) && String(known.person) !== person;
  if (isTooOld || isOthers) await forget({ keepQueue: true });
  return isTooOld ? "too old" : null;
}

function stretched(known) {
  const made_at = new Date();
  const span = Date.parse(known.expires_at) - Date.parse(known.made_at);
  return { made_at: made_at.toISOString(), expires_at: new Date(made_at.getTime() + span).toISOString() };
}

async function keep(carry, answer) {
  await within(["carry"], "readwrite", (store) => ask(store("carry").put(carry, "carry")));
  return answer;
}

async function fetchFiles(addresses) {
  if (leaving) return;
  const files = await caches.open(FILES);
  for (const request of await files.keys()) {
    if (!addresses.includes(new URL(request.url).pathname)) await files.delete(request);
  }
  for (const address of addresses) {
    if (!(await files.match(address))) await files.add(address);
  }
}
