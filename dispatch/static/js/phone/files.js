// Photos and signatures go to the server beside the queue, each whole and under the key of its action; the action
// follows. What was cut off is sent again, from its beginning; the server compares digests.
import { fileOf } from "./queue.js";

const PATIENCE_MS = 90_000;
const there = new Set();

// While the sheet in which a photo was chosen is open, it and what was tapped after it are not sent: the photo can still
// be taken back. A page that is closed or killed meanwhile sends it at its next start.
export function isChosenNow(entry) {
  const sheet = document.getElementById("sheet");
  return entry.kind === "photo" && Boolean(sheet?.open && sheet.querySelector(`[data-photos="${entry.job}"]`));
}

// What of the batch has a file that the server will never take, or null. Throws Lost when there is no answer.
export async function handIn(batch, { device, deposit }, reach, epoch) {
  for (const entry of batch.filter((one) => one.body.sha256 && !there.has(one.key))) {
    const file = await fileOf(entry.key);
    if (!file) continue;
    const headers = {
      "Content-Type": "application/octet-stream", "X-Dispatch-Device": deposit, "X-Dispatch-Phone": device,
      "X-Dispatch-Digest": entry.body.sha256, "X-Dispatch-Epoch": String(epoch),
    };
    const address = `/jobs/sync/files/${entry.key}`;
    const answer = await reach(address, { method: "POST", headers, body: file, patience: PATIENCE_MS });
    if (answer.status === 413) return entry;
    if (!answer.ok) return null; // the queue itself will be answered the same
    there.add(entry.key);
  }
  return null;
}

// The keys whose file the server says it does not have while it is still here: they are sent again.
export async function isMissing(results) {
  const missing = new Set();
  for (const { key, reason, decision } of results) {
    if (reason !== "no_file" || decision || !(await fileOf(key))) continue;
    there.delete(key);
    missing.add(key);
  }
  return missing;
}

export async function digestOf(file) {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
