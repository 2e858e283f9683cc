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
  const at = new Date(entry.at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  item.textContent = [at, entry.job, entry.says].filter(Boolean).join(" · ");
  return item;
}

async function showNotices() {
  const shown = document.getElementById("reviews");
  const kept = await notices();
  for (const old of [...shown.children]) if (!kept.some((notice) => nameOf(notice) === old.dataset.key)) old.remove();
  for (const notice of kept) {
    if (![...shown.children].some((one) => one.dataset.key === nameOf(notice))) shown.append(calloutOf(notice));
  }
}

// Decided, it says something else, and is drawn anew.
function nameOf(notice) {
  return [notice.key, notice.decided].filter(Boolean).join("-");
}

function calloutOf(notice) {
  const callout = document.getElementById("review-template").content.firstElementChild.cloneNode(true);
  callout.dataset.key = nameOf(notice);
  callout.querySelector(".callout-title").textContent = [notice.job, notice.title].filter(Boolean).join(" · ");
  callout.querySelector(".review-detail").textContent = notice.detail ?? "";
  const [copy, look, done] = callout.querySelectorAll(".row > *");
  const note = callout.querySelector("textarea");
  note.value = notice.note ?? "";
  note.hidden = copy.hidden = !notice.note;
  note.id = `kept-${notice.key}`;
  copy.dataset.copy = `#${CSS.escape(note.id)}`;
  look.hidden = !notice.page;
  if (notice.page) look.href = notice.page;
  done.addEventListener("click", () => understood(notice.key));
  return callout;
}

function put(id, text) {
  const place = document.getElementById(id);
  if (place && place.textContent !== text) place.textContent = text;
}
