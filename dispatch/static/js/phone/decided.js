// What a dispatcher has made of what was to be looked at: said where the phone said that somebody would decide.
import { reach, read } from "./flush.js";
import { notices, notify } from "./queue.js";

export async function hear() {
  const open = (await notices()).filter((notice) => notice.page && !notice.decided);
  if (!open.length) return;
  const answer = await reach("/jobs/review", { headers: { Accept: "application/json" } });
  if (!answer.ok || answer.redirected) return;
  const known = new Map((await read(answer)).items.map((item) => [item.key, item]));
  for (const notice of open) {
    const { decision, decided, what } = known.get(notice.key) ?? {};
    if (decision) await notify({ ...notice, title: decided, detail: what, decided: decision });
  }
}
