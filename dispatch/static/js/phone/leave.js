// Signing out takes everything off the phone. What was not sent is sent first; if that cannot be, one is told.
import { leave as keepNothing } from "./carry.js";
import { exchange } from "./link.js";
import { counted } from "./outbox.js";
import { leaveBehind, waiting } from "./queue.js";
import { forget } from "./store.js";

const PATIENCE_MS = 6000;
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
  keepNothing();
  await untold().catch(() => {});
  await forget({ keepQueue: left > 0 });
  if (left) await leaveBehind();
  if (left) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "keep", value: "1" }));
  form.dataset.cleared = "yes";
  form.requestSubmit(button);
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

