// The phone's memory. Five stores in IndexedDB:
//   carry   one entry: what GET /jobs/carry answered     queue    what was tapped and is not sent, in order
//   device  how the server knows this phone, by person   notices  what the server wants looked at
//   files   photos and signatures that the server does not have yet, by the key of their action
const STORES = {
  carry: {}, queue: { keyPath: "n", autoIncrement: true }, device: { keyPath: "device" }, notices: { keyPath: "key" },
  files: { keyPath: "key" },
};
let opening = null;

// Runs `work` in one transaction and resolves when it is on the disk, also if the browser is killed right after.
export async function within(names, mode, work) {
  const database = await open();
  const transaction = database.transaction(names, mode, { durability: "strict" });
  const done = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  const answer = await work((name) => transaction.objectStore(name));
  await done;
  return answer;
}

export function ask(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export async function everything(name) {
  return within([name], "readonly", (store) => ask(store(name).getAll()));
}

// `keepQueue`: what is not sent stays, locked away with the right to send it.
export async function forget({ keepQueue }) {
  const names = Object.keys(STORES).filter((name) => !keepQueue || !["queue", "device", "files"].includes(name));
  await within(names, "readwrite", async (store) => {
    for (const name of names) await ask(store(name).clear());
  });
  await caches.delete("files");
}

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("dispatch-phone", 2);
    request.onupgradeneeded = () => {
      for (const [name, options] of Object.entries(STORES)) {
        if (!request.result.objectStoreNames.contains(name)) request.result.createObjectStore(name, options);
      }
    };
    request.onsuccess = () => resolve(leavable(request.result));
    request.onerror = () => reject(request.error);
  });
  return opening;
}

// A newer page wants other stores: this one lets go, and opens again when it is asked.
function leavable(database) {
  database.onversionchange = () => {
    database.close();
    opening = null;
  };
  database.onclose = () => { opening = null; };
  return database;
}
