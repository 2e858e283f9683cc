// Signing out takes everything off the phone. What was not sent is sent first; if that cannot be, one is told. Without
// signal the server hears of it at the next contact, before anything else, and nothing is fetched or shown until then.
import { leave as keepNothing } from "./carry.js";
import { reach } from "./flush.js";
import { exchange, link } from "./link.js";
import { counted } from "./outbox.js";
import * as pending from "./pending.js";
import { leaveBehind, waiting } from "./queue.js";
import { forget } from "./store.js";

const PATIENCE_MS = 6000;
const FORM = "form[action$='/sign-out']";
const dialog = document.getElementById("leaving");

export function listen() {
  document.addEventListener("submit", (event) => {
    if (new URL(event.target.action, location.href).pathname !== "/sign-out" || event.target.dataset.cleared) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    leave(event.target, event.submitter);
  }, true);
}

async function leave(form, button) {
  button?.setAttribute("aria-busy", "true");
  if ((await waiting()).length) await Promise.race([exchange(), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
  const left = (await waiting()).length;
  button?.removeAttribute("aria-busy");
  if (left && !(await leavesBehind(left))) return exchange();
  pending.begin({ keep: left > 0 });
  keepNothing();
  await untold().catch(() => {});
  await clear();
  if (link.state === "lost" || !navigator.onLine) location.assign("/jobs");
  else submit(form);
}

// At the next contact the server is told. False without signal.
export async function finish() {
  const form = document.querySelector(FORM) ?? (await fetchedForm());
  if (!form) return false;
  await clear(); // also what was cut short
  submit(form);
  return true;
}

// From a page without jobs; the page that opens without signal has no such form.
async function fetchedForm() {
  try {
    const answer = await reach("/jobs/devices");
    const form = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(FORM);
    if (!form) location.assign("/sign-in"); // nobody is signed in any more
    return form && document.body.appendChild(document.adoptNode(form));
  } catch {
    return null;
  }
}

async function clear() {
  await forget({ keepQueue: pending.keeps() });
  if (pending.keeps()) await leaveBehind();
}

function submit(form) {
  if (pending.keeps()) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "keep", value: "1" }));
  form.dataset.cleared = "yes";
  form.requestSubmit();
}

// Whoever signs in next is not told of what was somebody else's; the server learns of it at its next try.
async function untold() {
  const registration = await navigator.serviceWorker?.getRegistration();
  const told = await registration?.pushManager?.getSubscription();
  await told?.unsubscribe().catch(() => {});
  await caches.delete("shown");
  await navigator.clearAppBadge?.().catch(() => {});
}

function leavesBehind(count) {
  document.getElementById("leaving-title").textContent = counted(count);
  dialog.returnValue = "stay";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "leave"), { once: true });
  });
}

