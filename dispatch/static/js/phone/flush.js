// Sends what waits, oldest first, and tells what came of it. One page at a time does.
import { handIn, isChosenNow, isMissing } from "./files.js";
import * as queue from "./queue.js";

export const EPOCH = Number(document.getElementById("phone")?.dataset.epoch);
const PERSON = Number(document.getElementById("phone")?.dataset.person);
const MOST_AT_ONCE = 50;
const PATIENCE_MS = 15_000;

// Throws Lost when there is no answer. Otherwise {settled, wipe, stopped}: stopped is "old" when the server wants
// newer pages, "refused" when somebody has to sign in again, "unknown" when it does not know this phone.
export async function flush() {
  const one = await navigator.locks.request("dispatch-flush", { ifAvailable: true }, (lock) => (lock ? drain() : null));
  return one ?? { settled: 0, wipe: false, stopped: null };
}

// Whether this phone is to forget all: the account has ended, or the phone was given up.
export async function isRevoked() {
  const known = (await queue.devices()).find(isOfWhoIsHere);
  if (!known) return false;
  const answer = await send([], known);
  return answer.status === 410 || (answer.ok && (await read(answer)).wipe);
}

// The server learns on which phone this session is open: when it is given up, nobody is signed in on it any more.
export async function hold(known) {
  if ((await send([], known)).status === 410) dispatchEvent(new CustomEvent("phone:settled", { detail: { wipe: true } }));
}

export class Lost extends Error {}

// Not answered, or by something that is not Dispatch, or it has trouble of its own: all of that is tried again.
export async function reach(address, { patience = PATIENCE_MS, ...options } = {}) {
  let answer;
  try {
    answer = await fetch(address, { ...options, signal: AbortSignal.timeout(patience) });
  } catch (error) {
    throw new Lost(error.message);
  }
  if (answer.status >= 500 || answer.status === 429 || answer.status === 408) throw new Lost(String(answer.status));
  return answer;
}

async function drain() {
  const told = { settled: 0, wipe: false, stopped: null };
  let most = MOST_AT_ONCE;
  const stuck = new Set();
  for (;;) {
    const [first, ...rest] = ready(await queue.waiting()).filter((entry) => !stuck.has(entry.device));
    if (!first) return told;
    const batch = [first, ...rest.filter((entry) => entry.device === first.device)].slice(0, most);
    const known = await queue.knownAs(first.device);
    const refused = await handIn(batch, known, reach, EPOCH);
    if (refused) {
      await unread(refused);
      continue;
    }
    const answer = await send(batch, known);
    if (answer.status === 426) return { ...told, stopped: "old" };
    if (answer.status === 410) return { ...told, wipe: true };
    if ([401, 403, 404].includes(answer.status)) {
      stuck.add(first.device);
      told.stopped = answer.status === 401 ? "unknown" : "refused";
    } else if (!answer.ok && batch.length > 1) most = 1;
    else if (!answer.ok) await unread(first);
    else {
      const said = await read(answer);
      const missing = await isMissing(said.results);
      const settled = batch.filter((entry) => !missing.has(entry.key)).flatMap((entry) => said.results.filter((result) => result.key === entry.key)
        .map((result) => ({ ...result, isGone: said.jobs?.[entry.job] === null })));
      const isHere = isOfWhoIsHere(known); // what somebody else left says nothing to and of who is here now
      await queue.settle(batch, settled, { device: known.device, isHere });
      told.settled += settled.length;
      told.wipe ||= said.wipe && isHere;
      if (settled.length) continue;
      if (said.signed_in) throw new Lost("nothing was answered for");
      stuck.add(first.device);
      told.stopped = "refused";
    }
  }
}

// In their order, as far as nothing can still be taken back.
function ready(entries) {
  const chosen = entries.findIndex(isChosenNow);
  return chosen < 0 ? entries : entries.slice(0, chosen);
}

function isOfWhoIsHere(known) {
  return !known.left && (!PERSON || known.person === PERSON);
}

async function send(batch, { device, deposit, left }) {
  const actions = batch.map(({ key, seq, at, job, kind, based_on, body }) => ({ key, seq, at, job, kind, based_on, body }));
  return reach("/jobs/sync", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Dispatch-Device": deposit, "X-Dispatch-Epoch": String(EPOCH) },
    // who was only signed out by time signs in again, and it counts; what was left behind goes to a dispatcher
    body: JSON.stringify({ device, sent_at: new Date().toISOString(), only_signed_in: !left, actions }),
  });
}

// What was answered; an answer that is cut off on the way is none.
export async function read(answer) {
  try {
    return await answer.json();
  } catch (error) {
    throw new Lost(error.message);
  }
}

// One that the server cannot read would hold up all others for ever: it is put aside, with what was typed.
async function unread(entry) {
  const title = document.getElementById("phone").dataset.unreadTitle;
  await queue.settle([entry], [{ key: entry.key, outcome: "review", title, detail: entry.says }], { isHere: true });
}
