// The technician's phone: starts everything, and redraws when something has changed.
import "./alerts.js";
import * as asked from "./asked.js";
import { carried, expire } from "./carry.js";
import { compose } from "./compose.js";
import * as decided from "./decided.js";
import { Lost, hold, reach, read } from "./flush.js";
import * as leaving from "./leave.js";
import { exchange, link } from "./link.js";
import * as outbox from "./outbox.js";
import * as pending from "./pending.js";
import * as photos from "./photos.js";
import { composePresence, presenceAfter } from "./presence.js";
import * as queue from "./queue.js";
import * as register from "./register.js";
import * as shell from "./shell.js";
import * as signal from "./signal.js";
import * as signature from "./signature.js";
import { standings } from "./standing.js";
import { forget } from "./store.js";
import * as taps from "./taps.js";

const words = document.getElementById("phone").dataset;
// a swap brings news of the whole day: what is carried follows when the last of several has come
const SETTLE_MS = 1500;
const LEAVE_AGAIN_MS = 15_000;
const now = { carry: null, stands: {}, presence: null, device: null };
let following = null;

start();

async function start() {
  asked.listen();
  taps.listen({ standing: () => now, done: tapped });
  photos.listen({ standing: () => now, done: photographed });
  signature.listen();
  leaving.listen();
  signal.listen();
  quiet();
  try {
    await begin();
  } catch (error) {
    if (error instanceof Lost) return;
    throw error;
  }
}

async function begin() {
  if (pending.is()) return left();
  if ((await expire(words.person)) === "too old") await notice("too-old", words.tooOldTitle, words.tooOld);
  await tellWhatWasEvicted();
  await redraw({ fromScratch: true });
  queue.onChange(heard);
  addEventListener("phone:link", () => outbox.show());
  addEventListener("phone:settled", settled);
  addEventListener("phone:reached", reached);
  for (const name of ["online", "focus"]) addEventListener(name, catchUp);
  for (const name of ["online", "offline"]) addEventListener(name, () => outbox.show());
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") catchUp(); });
  document.getElementById("send-now").addEventListener("click", () => exchange());
  document.addEventListener("htmx:afterSwap", swapped);
  document.addEventListener("minute", grow);
  await register.register();
  if (words.person) await introduce();
  await exchange({ carry: isWhole() ? "news" : "whole" });
  await register.keepLanguage();
}

// Signed out without signal: nothing is shown or fetched before the server knows.
async function left() {
  if (await leaving.finish()) return;
  shell.draw(null);
  await notice("left", words.leftTitle, words.left);
  await outbox.show();
  queue.onChange(() => outbox.show());
  addEventListener("online", leaving.finish);
  document.getElementById("send-now").addEventListener("click", leaving.finish);
  setInterval(() => { if (navigator.onLine) leaving.finish(); }, LEAVE_AGAIN_MS);
}

// Once after sign-in the server learns of this phone; a browser is asked not to clear its memory.
async function introduce() {
  const person = Number(words.person);
  const known = await queue.deviceOf(person);
  if (known && words.held === undefined) await hold(known).catch(ignoreLost);
  if (!known) {
    const named = await name();
    if (named) await queue.keepDevice({ ...named, person });
    await navigator.storage?.persist?.();
  }
  await redraw();
}

function ignoreLost(error) {
  if (!(error instanceof Lost)) throw error;
}

// The server has lost this phone (a backup was played back): it gets another name, and what waits with it.
async function rename() {
  const named = words.person && (await name());
  if (!named) return;
  await queue.readdress(now.device, { ...named, person: Number(words.person) });
  await redraw();
  await exchange();
}

async function name() {
  const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
  const answer = await reach("/jobs/device", { method: "POST", headers, body: "{}" });
  if (!answer.ok) return null;
  const { device, deposit } = await read(answer);
  return { device, deposit };
}

async function redraw({ fromScratch = false } = {}) {
  const carry = (await carried()) ?? null;
  const waiting = await queue.waiting();
  now.carry = carry; // both at once: another redraw may be under way
  now.stands = standings(carry, waiting);
  now.presence = presenceAfter(carry, waiting);
  now.device = await taps.knownDevice(Number(words.person) || now.carry?.person);
  document.body.classList.toggle("keeps", Boolean(now.device));
  if (fromScratch) shell.draw(now.carry);
  await lifted();
  put();
  if (!waiting.length) for (const mark of document.querySelectorAll(".waiting")) mark.remove();
  await outbox.show();
}

function put() {
  compose(now.carry, now.stands);
  composePresence(now.carry, now.presence, now.stands);
}

// "unsent": the service worker could not send what was answered on a notification.
async function heard(event) {
  await redraw();
  if (event.data === "unsent") await exchange();
}

async function tapped(tap) {
  document.dispatchEvent(new Event("close-dialog"));
  await redraw();
  const isGone = tap.job && now.stands[tap.job] && !now.carry.jobs[tap.job].cards[now.stands[tap.job].state];
  await exchange();
  if (isGone && document.getElementById("job")) location.assign("/jobs");
}

async function photographed() {
  await redraw();
  await exchange();
}

async function settled(event) {
  if (event.detail.wipe) {
    await forget({ keepQueue: false });
    await queue.remember();
    return location.assign("/sign-in");
  }
  await redraw();
  fetchRegion();
}

async function reached(event) {
  if (link.state === "old") return register.replace();
  if (link.state === "unknown") return rename();
  const { got, isBack } = event.detail;
  if (shell.isShell && got === "none") return location.reload(); // to sign in
  const isEmpty = !document.querySelector("#day, #job");
  if (got === "fresh") await redraw({ fromScratch: isEmpty });
  if (isBack || shell.comeAlive(now.carry)) fetchRegion();
  else if (got === "fresh" && isBehind(now.carry)) ask();
  await decided.hear();
}

// What is pressed stays until it is let go; see js/news.js, which holds what the server draws.
function lifted() {
  if (document.body.dataset.pressed === undefined) return Promise.resolve();
  return new Promise((resolve) => document.addEventListener("lifted", resolve, { once: true }));
}

// The server's own drawing replaces what was put together here, whether it has any news or not.
function fetchRegion() {
  const region = document.querySelector("#day, #job");
  if (!region) return;
  const address = new URL(region.dataset.address ?? location.href, location.href); // an older build's pieces have none
  for (const name of ["after", "drawn"]) address.searchParams.delete(name);
  region.dataset.address = address.pathname + address.search;
  ask();
}

function ask() {
  htmx.trigger("#live", "again");
}

function isBehind(carry) {
  return Number(document.querySelector("#day, #job")?.dataset.after) < carry.cursor;
}

function swapped(event) {
  if (!["live", "day", "job"].includes(event.detail.target.id)) return;
  put();
  clearTimeout(following);
  following = setTimeout(() => exchange({ carry: "news" }), SETTLE_MS);
}

// Whether the live stream was cut off meanwhile nobody knows: it is asked for what has changed, and not waited for.
async function catchUp() {
  await exchange({ carry: link.failures || shell.isShell ? "news" : null });
  if (link.state !== "lost") ask();
}

async function grow() {
  if ((await expire(words.person)) === "too old") {
    await notice("too-old", words.tooOldTitle, words.tooOld);
    await redraw({ fromScratch: true });
  }
}

async function tellWhatWasEvicted() {
  const before = queue.remembered();
  if (before && (await queue.isNew())) {
    await notice("evicted", words.evictedTitle, words.evicted.replace("{count}", before));
  }
}

function notice(key, title, detail) {
  return queue.notify({ key, job: null, title, detail });
}

function isWhole() {
  return now.carry?.build === words.build && String(now.carry.person) === (words.person || String(now.carry.person));
}

// Without signal the page is silent: the line at the top has said so.
function quiet() {
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!navigator.onLine && event.detail.requestConfig.verb === "get") event.preventDefault();
  });
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    addEventListener(name, (event) => {
      if (event.detail.elt.id !== "live") return;
      event.stopImmediatePropagation();
      if (event.detail.xhr.status === 404) location.assign("/jobs");
      else if (link.state !== "lost") exchange({ carry: "news" });
    }, true);
  }
}
