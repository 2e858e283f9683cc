// On the page to sign in: what somebody left unsent on this phone is handed in, with the right to do only that, and
// what is too old or belongs to an account that has ended is removed.
import { expire } from "./carry.js";
import { exchange } from "./link.js";
import * as pending from "./pending.js";
import { remember } from "./queue.js";
import { forget } from "./store.js";

pending.end();

if (await hasMemory()) {
  await expire("");
  addEventListener("phone:settled", (event) => { if (event.detail.wipe) forget({ keepQueue: false }).then(remember); });
  addEventListener("online", look);
  look();
}

function look() {
  exchange({ carry: "news" });
}

// Nobody else's browser gets one by looking.
async function hasMemory() {
  const known = (await indexedDB.databases?.()) ?? [];
  return known.some(({ name }) => name === "dispatch-phone");
}
