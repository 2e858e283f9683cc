// The one loop that talks to the server: sends what waits, then fetches what the phone carries. It runs at start, on
// focus, when there is signal again, after a tap and when it is asked to; what fails is tried again later and later.
import { refresh } from "./carry.js";
import { Lost, flush, isRevoked } from "./flush.js";

const FIRST_MS = 2000;
const LONGEST_MS = 60_000;
const DENSEST_MS = 1000;
// state: "idle", "sending", "lost" (no answer), "refused" (sign in again), "unknown" (to be registered again) or "old"
// (newer pages are needed)
export const link = { state: "idle", failures: 0 };
let timer = null;
let running = null;
let asked = null;
let lastAt = 0;

// Resolves when the server has answered, or has not. `carry`: "whole" or "news" fetches that too.
export async function exchange({ carry = null } = {}) {
  asked = { carry: strongest(carry, asked?.carry) };
  running ??= rounds().finally(() => { running = null; });
  return running;
}

export function isSending() {
  return link.state === "sending";
}

async function rounds() {
  while (asked) {
    const wanted = asked;
    asked = null;
    if (link.failures) await pause(Math.max(0, lastAt + DENSEST_MS - Date.now()));
    await round(wanted);
    if (link.state === "lost") return;
  }
}

async function round({ carry }) {
  clearTimeout(timer);
  lastAt = Date.now();
  enter("sending");
  try {
    const told = await flush();
    // having nothing to send proves no signal: only an answer does
    const wanted = strongest(carry, told.settled || link.failures ? "news" : null);
    if (told.settled || told.wipe) tell("phone:settled", told);
    const got = wanted && !told.wipe ? await refresh({ whole: wanted === "whole" }) : "same";
    if (got === "none" && (await isRevoked())) return tell("phone:settled", { ...told, wipe: true });
    const isBack = link.failures > 0;
    link.failures = 0;
    enter(told.stopped === "old" || got === "old" ? "old" : told.stopped ?? "idle");
    if (wanted || told.settled || told.stopped) tell("phone:reached", { got, isBack });
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
    lose(carry);
  }
}

// Later and later, and not all phones of a building at once.
function lose(carry) {
  link.failures += 1;
  const pace = Math.min(LONGEST_MS, FIRST_MS * 2 ** (link.failures - 1));
  timer = setTimeout(() => exchange({ carry: carry ?? "news" }), pace * (0.75 + Math.random() / 2));
  enter("lost");
}

function enter(state) {
  link.state = state;
  tell("phone:link", { state });
}

function tell(name, detail) {
  dispatchEvent(new CustomEvent(name, { detail }));
}

function strongest(one, other) {
  return [one, other].includes("whole") ? "whole" : one ?? other ?? null;
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
