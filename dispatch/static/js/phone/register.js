// The service worker: installed once, and replaced when the server has a newer one and nothing is being sent.
import { carried } from "./carry.js";
import { isSending } from "./link.js";

const TRIED = "loaded-from";
const notice = document.getElementById("new-version");
const { build } = document.getElementById("phone").dataset;
let registration = null;
let reloads = false;

export async function register() {
  if (!navigator.serviceWorker) return;
  const isFirst = !navigator.serviceWorker.controller;
  navigator.serviceWorker.addEventListener("controllerchange", () => { if (reloads) location.reload(); });
  registration = await navigator.serviceWorker.register("/sw.js", { scope: "/" }).catch(() => null);
  document.getElementById("load-version").addEventListener("click", load);
  if (!registration) return; // nothing answers, or the browser wants none: the page works, but does not open without signal
  registration.addEventListener("updatefound", () => follow(registration.installing, isFirst));
  follow(registration.installing, isFirst); // found already, while this page was loaded
  // at start nothing has been typed yet: this page itself came from the new server
  if (registration.waiting) takeOver(registration.waiting);
}

// A page too old for the server, which takes nothing from it: it loads itself, once, unless something is being typed.
export function replace() {
  if (isTyping() || sessionStorage.getItem(TRIED) === build) return askToLoad();
  sessionStorage.setItem(TRIED, build);
  load();
}

function askToLoad() {
  notice.hidden = false;
}

function isTyping() {
  const fields = document.querySelectorAll("main :is(input:not([type=hidden]), textarea):not([readonly])");
  return Boolean(document.querySelector("dialog[open]")) || [...fields].some((field) => field.value !== field.defaultValue);
}

// The page that opens without signal speaks the language that was chosen since; what cannot be fetched now is at the next start.
export async function keepLanguage() {
  const name = `shell-${document.getElementById("phone").dataset.build}`;
  if (!(await caches.has(name))) return;
  const shell = await caches.open(name);
  const kept = await shell.match("/jobs/offline");
  if (kept && !(await kept.text()).includes(`<html lang="${document.documentElement.lang}"`)) await shell.add("/jobs/offline").catch(() => {});
}

// The page that a newer server has drawn brings a newer worker: until it is there, nothing would open without signal,
// since the older one cannot read what is carried from now on.
function follow(worker, isFirst) {
  worker?.addEventListener("statechange", async () => {
    if (worker.state !== "installed" || isFirst) return;
    if ((await buildOf(worker)) === build) takeOver(worker);
    else askToLoad();
  });
}

function buildOf(worker) {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (event) => resolve(event.data);
    worker.postMessage("which build", [port2]);
  });
}

// Not before what is carried is of the same age: one of the two alone would open empty without signal.
async function takeOver(worker) {
  if (!isSending() && (await carried())) worker.postMessage("take over");
  else addEventListener("phone:link", () => takeOver(worker), { once: true });
}

// The newer worker comes first: the older one would answer with the older page when the server takes its time.
async function load() {
  reloads = true;
  await registration?.update().catch(() => {});
  const newer = registration?.waiting ?? (await arrival(registration?.installing));
  if (newer) newer.postMessage("take over");
  else location.reload();
}

function arrival(worker) {
  return worker && new Promise((resolve) => {
    worker.addEventListener("statechange", () => resolve(worker.state === "installed" ? worker : null), { once: true });
  });
}
