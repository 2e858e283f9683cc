// The service worker: installed once, and replaced when the server has a newer one and nothing is being sent.
import { isSending } from "./link.js";

const notice = document.getElementById("new-version");
let reloads = false;

export async function register() {
  if (!navigator.serviceWorker) return;
  const isFirst = !navigator.serviceWorker.controller;
  navigator.serviceWorker.addEventListener("controllerchange", () => { if (reloads) location.reload(); });
  const registration = await navigator.serviceWorker.register("/sw.js", { scope: "/" }).catch(() => null);
  document.getElementById("load-version").addEventListener("click", () => load(registration));
  if (!registration) return; // nothing answers, or the browser wants none: the page works, but does not open without signal
  registration.addEventListener("updatefound", () => follow(registration.installing, isFirst));
  // at start nothing has been typed yet: this page itself came from the new server
  if (registration.waiting && !isSending()) registration.waiting.postMessage("take over");
}

// A page too old for the server: the same notice, also when the worker has nothing newer.
export function askToLoad() {
  notice.hidden = false;
}

// The page that opens without signal speaks the language that was chosen since; what cannot be fetched now is at the next start.
export async function keepLanguage() {
  const name = `shell-${document.getElementById("phone").dataset.build}`;
  if (!(await caches.has(name))) return;
  const shell = await caches.open(name);
  const kept = await shell.match("/jobs/offline");
  if (kept && !(await kept.text()).includes(`<html lang="${document.documentElement.lang}"`)) await shell.add("/jobs/offline").catch(() => {});
}

function follow(worker, isFirst) {
  worker?.addEventListener("statechange", () => {
    if (worker.state === "installed" && !isFirst) askToLoad();
  });
}

async function load(registration) {
  reloads = true;
  if (registration?.waiting) registration.waiting.postMessage("take over");
  else location.reload();
}
