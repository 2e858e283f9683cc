// The service worker, headed by the server with BUILD and SHELL: the page without data and all that it needs.
// It keeps nobody's data and touches no write: what waits to be sent lives in the pages.
const CACHE = `shell-${BUILD}`;
const OFFLINE = "/jobs/offline";
const PAGES = /^\/(?:jobs(?:\/INT-\d+)?)?$/;
const PATIENCE_MS = 2500;

self.addEventListener("install", (event) => event.waitUntil(fill()));
self.addEventListener("activate", (event) => event.waitUntil(tidy()));
self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
  if (event.data === "which build") event.ports[0].postMessage(BUILD);
});
self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== location.origin) return;
  if (event.request.mode === "navigate" && PAGES.test(address.pathname)) event.respondWith(page(event.request));
  else if (/^\/(static|phone)\//.test(address.pathname)) event.respondWith(part(event.request));
  else if (address.pathname.startsWith("/attachments/")) event.respondWith(file(event.request));
});

async function fill() {
  const cache = await caches.open(CACHE);
  await cache.addAll(SHELL);
}

async function tidy() {
  for (const name of await caches.keys()) if (name.startsWith("shell-") && name !== CACHE) await caches.delete(name);
  await self.clients.claim();
}

// With signal the server's page; else, or when it takes too long or has trouble, the page that is kept.
async function page(request) {
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, null));
  const live = fetch(request).catch(() => null);
  const answer = await Promise.race([live, late]);
  if (answer && answer.status < 500) return answer;
  const cache = await caches.open(CACHE);
  return (await cache.match(OFFLINE)) ?? (await live) ?? Response.error();
}

// Their addresses name their content. Pieces drawn before an update name older ones, and the newer do as well.
async function part(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  if (kept) return kept;
  try {
    return await fetch(request);
  } catch (error) {
    return (await cache.match(request, { ignoreSearch: true })) ?? Response.error();
  }
}

async function file(request) {
  const kept = await caches.match(request, { cacheName: "files" });
  return kept ?? fetch(request);
}
