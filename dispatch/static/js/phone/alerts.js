// Being told on this phone: asked for by a button, never by itself. Used by the page “Alerts and calendar”.
import { deviceOf } from "./queue.js";

const panel = document.getElementById("alerts");
if (panel) begin();

async function begin() {
  const registration = await supported();
  if (!registration) return show("unsupported");
  document.getElementById("tell-me").addEventListener("click", (event) => tellMe(registration, event.target));
  document.getElementById("tell-me-not").addEventListener("click", (event) => stop(registration, event.target));
  await showState(registration);
}

// A service worker may not be there yet at the first visit.
async function supported() {
  if (!("PushManager" in window) || !("Notification" in window) || !navigator.serviceWorker) return null;
  return navigator.serviceWorker.ready;
}

async function showState(registration) {
  if (Notification.permission === "denied") return show("denied");
  const mine = await registration.pushManager.getSubscription();
  show(mine && panel.dataset.endpoints.split(" ").includes(await named(mine.endpoint)) ? "on" : "off");
}

async function tellMe(registration, button) {
  button.setAttribute("aria-busy", "true");
  try {
    if ((await Notification.requestPermission()) !== "granted") return await showState(registration);
    const held = await registration.pushManager.getSubscription();
    if (held && !isOurs(held)) await held.unsubscribe(); // the server has another key now
    const made = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: panel.dataset.key });
    const known = await deviceOf(Number(panel.dataset.person));
    show((await post("/jobs/push", { device: known?.device, ...made.toJSON() })) ? "on" : "failed");
  } catch {
    show("failed");
  } finally {
    button.removeAttribute("aria-busy");
  }
}

async function stop(registration, button) {
  button.setAttribute("aria-busy", "true");
  await leave(registration).catch(() => {});
  button.removeAttribute("aria-busy");
  await showState(registration);
}

async function leave(registration) {
  const mine = await registration.pushManager.getSubscription();
  if (!mine) return;
  await post("/jobs/push/removal", { endpoint: mine.endpoint });
  await mine.unsubscribe();
}

function isOurs(subscription) {
  const held = new Uint8Array(subscription.options.applicationServerKey ?? []);
  const text = btoa(String.fromCharCode(...held)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  return text === panel.dataset.key;
}

// How the page names an address without showing it.
async function named(endpoint) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint)));
  return [...hash.slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function post(address, said) {
  const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
  const answer = await fetch(address, { method: "POST", headers, body: JSON.stringify(said) });
  return answer.ok;
}

function show(state) {
  for (const part of panel.querySelectorAll("[data-when]")) part.hidden = !part.dataset.when.split(" ").includes(state);
}
