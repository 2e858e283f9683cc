// What was tapped and is not known to the server, in the order of the taps. Each has a key of its own, the next
// number of the device, the device's time and the version that was looked at; nothing is ever taken out unsent: a
// number that never came would make the server wait for it. A photo that was taken back is sent as that.
import { ask, everything, within } from "./store.js";

const channel = new BroadcastChannel("dispatch-phone");
const WEEK = 7 * 24 * 3600;

// Whether the memory is there at all: a browser that is short of room clears all of it.
export async function isNew() {
  return !(await devices()).length;
}

export async function devices() {
  return everything("device");
}

// This phone as the server knows it for that person, or undefined.
export async function deviceOf(person) {
  return (await devices()).find((known) => known.person === person);
}

export async function knownAs(device) {
  return (await devices()).find((known) => known.device === device);
}

export async function keepDevice(known) {
  await within(["device"], "readwrite", (store) => ask(store("device").put({ seq: 0, ...known })));
}

// Numbered in the same transaction, so that two pages never give the same number. `file`: what goes with it.
export async function add(device, { job, kind, based_on, body, says }, file = null) {
  await within(["device", "queue", "files"], "readwrite", async (store) => {
    const known = await ask(store("device").get(device));
    known.seq += 1;
    await ask(store("device").put(known));
    const entry = { key: crypto.randomUUID(), device, seq: known.seq, at: new Date().toISOString(), job, kind, based_on, body, says };
    await ask(store("queue").add(entry));
    if (file) await ask(store("files").put({ key: entry.key, file }));
  });
  await tell();
}

// A photo that was not sent yet is sent as taken back, under its key and number; false if it has left. Its file stays
// until the server has answered: the photo itself may be under way just now. `late`: what is said if it was.
export async function withdraw(key, { says, late }) {
  const isThere = await within(["queue"], "readwrite", async (store) => {
    const entry = (await ask(store("queue").getAll())).find((one) => one.key === key);
    if (entry) await ask(store("queue").put({ ...entry, kind: "withdrawn", body: {}, says, late }));
    return Boolean(entry);
  });
  await tell();
  return isThere;
}

export async function fileOf(key) {
  return (await within(["files"], "readonly", (store) => ask(store("files").get(key))))?.file;
}

export async function waiting() {
  return everything("queue");
}

export async function notices() {
  return everything("notices");
}

export async function understood(keys) {
  await within(["notices"], "readwrite", async (store) => {
    for (const key of keys) await ask(store("notices").delete(key));
  });
  await tell();
}

export async function notify(notice) {
  await within(["notices"], "readwrite", (store) => ask(store("notices").put(notice)));
  await tell();
}

// What the server has answered for leaves the queue, and the carried job stands where the server says: all or nothing.
// Of what somebody else left behind nothing is told to whoever is here now.
export async function settle(entries, results, { device, isHere }) {
  const answers = new Map(results.map((result) => [result.key, result]));
  await within(["queue", "notices", "carry", "device", "files"], "readwrite", async (store) => {
    const carry = await ask(store("carry").get("carry"));
    for (const entry of entries.filter((one) => answers.has(one.key))) {
      const answer = answers.get(entry.key);
      const { late } = (await ask(store("queue").get(entry.n))) ?? {};
      await ask(store("queue").delete(entry.n));
      await ask(store("files").delete(entry.key));
      if (late && isHere && isPhotoThere(answer)) await ask(store("notices").put(noticeOf(entry, late)));
      else if (isOpen(answer) && isHere) await ask(store("notices").put(noticeOf(entry, answer)));
      const job = carry?.jobs[entry.job];
      if (job && answer.version) Object.assign(job, { version: answer.version, ...after(job, entry, answer) });
    }
    if (carry) await ask(store("carry").put(carry, "carry"));
    const rest = await ask(store("queue").getAll());
    if (!isHere && !rest.some((entry) => entry.device === device)) await ask(store("device").delete(device));
  });
  await tell();
}

// Where the job stands now, and where it stood before the last tap, which may still be taken back.
function after(job, { kind, body }, { state }) {
  const isTap = kind === "transition" && body.to !== "undone" && state && state !== job.state;
  return { state: state ?? job.state, before: isTap ? job.state : null };
}

// The server knows this phone under another name now: what waits goes on under it, with the same keys.
export async function readdress(from, to) {
  await within(["device", "queue"], "readwrite", async (store) => {
    const known = { seq: 0, ...to };
    for (const entry of await ask(store("queue").getAll())) {
      if (entry.device === from) await ask(store("queue").put({ ...entry, device: to.device, seq: ++known.seq }));
    }
    await ask(store("device").put(known));
    await ask(store("device").delete(from));
  });
}

// Signed out with something unsent: from here on the phone may only hand it in.
export async function leaveBehind() {
  await within(["device"], "readwrite", async (store) => {
    for (const known of await ask(store("device").getAll())) await ask(store("device").put({ ...known, person: null, left: true }));
  });
}

export function onChange(listener) {
  channel.addEventListener("message", listener);
  addEventListener("phone:changed", listener);
}

// How many were waiting when this phone was last used, beside the memory that it may lose.
export function remembered() {
  return Number(/(?:^|; )unsent=(\d+)/.exec(document.cookie)?.[1] ?? 0);
}

export async function remember() {
  const count = (await waiting()).length;
  document.cookie = `unsent=${count}; path=/; max-age=${count ? WEEK : 0}; samesite=lax`;
}

async function tell() {
  await remember();
  channel.postMessage("changed");
  dispatchEvent(new Event("phone:changed"));
}

// Somebody has to look at it, and nobody has; what only waits for an earlier one comes by itself.
function isOpen(answer) {
  const outcome = answer.outcome === "repeated" ? answer.first : answer.outcome;
  return ["review", "held"].includes(outcome) && !answer.decision && answer.reason !== "waits";
}

// What was taken back had come before, or was under way.
function isPhotoThere({ kind, outcome, first, decision }) {
  return kind === "photo" && [outcome, first, decision].includes("applied");
}

function noticeOf(entry, answer) {
  const page = answer.isGone || !entry.job ? "/jobs/review" : `/jobs/${entry.job}`;
  return { key: entry.key, job: entry.job, at: entry.at, says: entry.says, page, title: answer.title, detail: answer.detail, note: entry.body.note };
}
