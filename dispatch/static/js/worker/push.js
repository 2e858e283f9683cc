// Notifications, served behind worker.js: shown once each, and answered through the queue of the pages.
const SHOWN = "shown";
const LATEST = 50;

self.addEventListener("push", (event) => event.waitUntil(tell(event.data.json())));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const told = event.notification.data;
  event.waitUntil(event.action === "accept" ? accept(told) : look(told.url));
});
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));
self.addEventListener("sync", (event) => { if (event.tag === "taps") event.waitUntil(send()); });

// A worker of the server that died between sending and noting it sends the same id again.
async function tell(told) {
  if (await wasShown(told.id)) return;
  await show(told, told.body, told.actions);
  if (told.badge !== undefined) await self.navigator.setAppBadge?.(told.badge).catch(() => {});
}

function show(told, body, actions) {
  const { title, lang, tag } = told;
  return self.registration.showNotification(title, {
    body, lang, tag, actions, renotify: true, data: told, icon: "/static/icons/192.png", badge: "/static/icons/192.png",
  });
}

// Noted before it is shown: better one that is not seen twice than one that is.
async function wasShown(id) {
  const cache = await caches.open(SHOWN);
  const kept = await cache.match("/shown");
  const ids = kept ? await kept.json() : [];
  if (ids.includes(id)) return true;
  await cache.put("/shown", new Response(JSON.stringify([...ids, id].slice(-LATEST))));
  return false;
}

async function look(url) {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const open = windows.find((one) => new URL(one.url).pathname === url) ?? windows[0];
  if (!open) return self.clients.openWindow(url);
  await open.focus().catch(() => {}); // not every system lets a page come to the front
  if (new URL(open.url).pathname !== url) await open.navigate(url).catch(() => self.clients.openWindow(url));
}

// Kept as any other tap, with a number and a key of its own; what cannot be sent now goes out with the others.
async function accept(told) {
  const device = (await all("device")).find((known) => known.person === told.person && !known.left);
  if (!device) return look(told.url);
  await add(device.device, { job: told.job, kind: "transition", based_on: told.version, body: { to: "accepted" }, says: told.actions[0].title });
  if (await send()) return;
  await self.registration.sync?.register("taps").catch(() => {});
  await show(told, told.kept, []);
}

// Oldest first, one sender at a time; whether nothing of it is left to be sent. What was simply applied leaves the
// queue here, the rest when a page asks again and shows what there is to be said of it: one that is open does at once.
async function send() {
  const isEmpty = await self.navigator.locks.request("dispatch-flush", async () => {
    for (const known of (await all("device")).filter((one) => !one.left)) {
      const batch = (await all("queue")).filter((entry) => entry.device === known.device).slice(0, 50);
      if (batch.length) await post(known, batch).catch(() => {});
    }
    return !(await all("queue")).length;
  });
  new BroadcastChannel("dispatch-phone").postMessage(isEmpty ? "changed" : "unsent");
  return isEmpty;
}

async function post(known, batch) {
  const actions = batch.map(({ key, seq, at, job, kind, based_on, body }) => ({ key, seq, at, job, kind, based_on, body }));
  const answer = await fetch("/jobs/sync", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Dispatch-Device": known.deposit, "X-Dispatch-Epoch": String(EPOCH) },
    body: JSON.stringify({ device: known.device, sent_at: new Date().toISOString(), only_signed_in: true, actions }),
  });
  if (!answer.ok) return;
  const said = await answer.json();
  const done = said.results.filter((result) => (result.outcome === "repeated" ? result.first : result.outcome) === "applied");
  const keys = new Map(done.map((result) => [result.key, result]));
  await within(["queue", "carry"], async (queue, carry) => {
    const carried = await ask(carry.get("carry"));
    for (const entry of batch.filter((one) => keys.has(one.key))) {
      await ask(queue.delete(entry.n));
      const job = carried?.jobs[entry.job];
      const { version, state } = keys.get(entry.key);
      if (job && version) Object.assign(job, { version, state: state ?? job.state });
    }
    if (carried) await ask(carry.put(carried, "carry"));
  });
}

// The browser has given this phone another address.
async function renew(event) {
  const old = event.oldSubscription;
  const fresh = event.newSubscription ?? (old && await self.registration.pushManager.subscribe(old.options));
  if (!old || !fresh) return;
  for (const known of (await all("device")).filter((one) => !one.left)) {
    await fetch("/jobs/push/renewal", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Dispatch-Device": known.deposit },
      body: JSON.stringify({ device: known.device, old: old.endpoint, ...fresh.toJSON() }),
    });
  }
}

// The memory of the pages (phone/store.js, phone/queue.js): opened as it is, never made here.
async function add(device, tap) {
  await within(["device", "queue"], async (devices, queue) => {
    const known = await ask(devices.get(device));
    known.seq += 1;
    await ask(devices.put(known));
    await ask(queue.add({ key: crypto.randomUUID(), device, seq: known.seq, at: new Date().toISOString(), ...tap }));
  });
}

async function all(name) {
  return (await within([name], (store) => ask(store.getAll()))) ?? [];
}

async function within(names, work) {
  const database = await open();
  if (!database) return undefined;
  try {
    const transaction = database.transaction(names, "readwrite", { durability: "strict" });
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    const answer = await work(...names.map((name) => transaction.objectStore(name)));
    await done;
    return answer;
  } finally {
    database.close();
  }
}

function ask(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("dispatch-phone");
    request.onupgradeneeded = () => request.transaction.abort(); // nobody has used this phone yet
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => (request.error?.name === "AbortError" ? resolve(null) : reject(request.error));
  });
}
