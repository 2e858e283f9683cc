// What the phone says of itself, in words: how old what it shows is, what waits, and what has to be looked at.
import { link } from "./link.js";
import { notices, understood, waiting } from "./queue.js";

const words = document.getElementById("phone").dataset;
const box = document.getElementById("outbox");
// what goes through at once is not worth a word
const BLINK_MS = 1500;
let later = null;

export async function show() {
  const entries = await waiting();
  const isLost = !navigator.onLine || link.state === "lost";
  const oldest = entries.length ? Date.parse(entries[0].at) : Date.now();
  const isSlow = Date.now() - oldest > BLINK_MS;
  clearTimeout(later);
  if (entries.length && !isSlow) later = setTimeout(show, BLINK_MS);
  const isRefused = ["refused", "unknown"].includes(link.state);
  box.hidden = !(isLost || (entries.length && (isSlow || isRefused)));
  box.classList.toggle("lost", isLost);
  put("outbox-link", linkWords(isLost));
  put("outbox-count", entries.length ? counted(entries.length) : "");
  document.getElementById("send-now").hidden = !entries.length || isRefused;
  document.getElementById("sign-in-again").hidden = !isRefused;
  document.getElementById("outbox-more").hidden = !entries.length;
  document.getElementById("outbox-list").replaceChildren(...entries.map(lineOf));
  await showNotices();
}

export function counted(count) {
  return count === 1 ? words.waitingOne : words.waitingMany.replace("{count}", count);
}

// "as of 10:02", with the day when it is not today's.
export function showAge(madeAt, zone) {
  const at = new Date(madeAt);
  const format = (options) => at.toLocaleString(document.documentElement.lang, { timeZone: zone, ...options });
  const time = format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const isToday = at.toDateString() === new Date().toDateString();
  const day = format({ weekday: "short", day: "numeric", month: "short" });
  const told = isToday ? time : `${document.documentElement.lang === "fr" ? day.replace(/\b1\b/, "1er") : day} ${time}`;
  put("sync", words.asOf.replace("{time}", told));
}

function linkWords(isLost) {
  if (!navigator.onLine) return words.offline;
  if (isLost) return words.retry;
  return ["refused", "unknown"].includes(link.state) ? words.refused : words.sending;
}

function lineOf(entry) {
  const item = document.createElement("li");
  item.textContent = [timeOf(entry.at), entry.job, entry.says].filter(Boolean).join(" · ");
  return item;
}

function timeOf(at) {
  return at && new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

async function showNotices() {
  const shown = document.getElementById("reviews");
  const groups = together(await notices());
  for (const old of [...shown.children]) if (!groups.some((group) => nameOf(group) === old.dataset.key)) old.remove();
  for (const group of groups) {
    if (![...shown.children].some((one) => one.dataset.key === nameOf(group))) shown.append(calloutOf(group));
  }
}

// What is to be said of one job is said once, tap by tap in the order in which it was tapped.
function together(all) {
  const groups = new Map();
  for (const notice of [...all].sort((one, other) => (one.at ?? "").localeCompare(other.at ?? ""))) {
    const name = notice.job ?? notice.key;
    groups.set(name, [...(groups.get(name) ?? []), notice]);
  }
  return [...groups.values()];
}

// Decided, or with one more, it says something else, and is drawn anew.
function nameOf(group) {
  return group.map((notice) => [notice.key, notice.decided].filter(Boolean).join("-")).join(" ");
}

function calloutOf(group) {
  const callout = document.getElementById("review-template").content.firstElementChild.cloneNode(true);
  const [first] = group;
  callout.dataset.key = nameOf(group);
  callout.querySelector(".callout-title").textContent = [first.job, first.title].filter(Boolean).join(" · ");
  callout.querySelector(".review-detail").textContent = group.length > 1 && first.decided ? "" : first.detail ?? "";
  callout.querySelector(".review-lines").replaceChildren(...(group.length > 1 ? group.map((notice) => lineIn(notice, first)) : []));
  const [copy, look, done] = callout.querySelectorAll(".row > *");
  const note = callout.querySelector("textarea");
  note.value = group.map((notice) => notice.note).filter(Boolean).join("\n");
  note.hidden = copy.hidden = !note.value;
  note.id = `kept-${first.key}`;
  copy.dataset.copy = `#${CSS.escape(note.id)}`;
  look.hidden = !first.page;
  if (first.page) look.href = first.page;
  done.addEventListener("click", () => understood(group.map((notice) => notice.key)));
  return callout;
}

function lineIn(notice, first) {
  const isOther = notice.title !== first.title;
  return lineOf({ at: notice.at, says: [notice.says, isOther && notice.title, isOther && notice.detail].filter(Boolean).join(" · ") });
}

function put(id, text) {
  const place = document.getElementById(id);
  if (place && place.textContent !== text) place.textContent = text;
}
