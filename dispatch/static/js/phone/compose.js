// Puts the pieces that the server has drawn where the taps that wait have led: into the day, and into one job.
import { hasEnded, nextOf } from "./standing.js";

const pieces = document.createElement("template");

export function compose(carry, stands) {
  if (!carry) return;
  const day = document.getElementById("day");
  const job = document.getElementById("job");
  if (day) composeDay(day, carry, stands);
  if (job) composeJob(job, carry, stands);
}

export function piece(html) {
  pieces.innerHTML = html;
  return pieces.content.firstElementChild.cloneNode(true);
}

function composeDay(region, carry, stands) {
  countOpen(region, carry, stands);
  const whole = carry.days[region.dataset.day];
  if (!whole?.jobs.some((number) => isMoved(carry, stands, number))) return;
  const isNewer = Number(region.dataset.after) > carry.cursor;
  const day = isNewer ? stillIn(region, whole) : whole;
  const isNews = (number) => isNewer && number && !carry.jobs[number];
  const shown = region.querySelector(".next-job")?.dataset.job;
  const next = isNews(shown) ? shown : nextOf(carry, day, stands);
  if (!isNews(next)) showNext(region, day, carry, stands, next);
  const rest = restList(region);
  const done = region.querySelector(".done-jobs ol");
  const ended = day.jobs.filter((number) => hasEnded(carry.jobs[number], stands[number].state));
  const open = day.jobs.filter((number) => !ended.includes(number) && number !== next && carry.jobs[number].lines[stands[number].state]);
  fillList(rest, open, day, carry, stands, isNews);
  fillList(done, ended, day, carry, stands, isNews);
  count(region, day, ended.filter((number) => stands[number].state !== "cancelled").length, ended.length);
  const ends = region.querySelector("[data-ends]");
  if (ends) ends.hidden = ended.length === day.jobs.length;
  offerUndo(region, carry, stands, ended);
}

// The number on the tab of a day: what the server has drawn, and what the taps have ended or brought back since. What
// was drawn later than the phone was told knows of all but the taps that wait.
function countOpen(region, carry, stands) {
  const isNewer = Number(region.dataset.after) > carry.cursor;
  for (const tab of region.querySelectorAll("[data-open]")) {
    const moved = (carry.days[tab.dataset.open]?.jobs ?? []).filter((number) => (isNewer ? stands[number].isTouched : isMoved(carry, stands, number)));
    const isOpen = (number, state) => state in carry.jobs[number].lines && !hasEnded(carry.jobs[number], state);
    const ended = moved.map((number) => {
      const { drawn, state } = carry.jobs[number];
      return isOpen(number, isNewer ? state : drawn) - isOpen(number, stands[number].state);
    });
    tab.dataset.drawn ??= tab.textContent;
    tab.textContent = Math.max(0, Number(tab.dataset.drawn) - ended.reduce((sum, one) => sum + one, 0));
  }
}

// Where the server has drawn later than it has told the phone, what is gone stays gone; what came stays (see isNews).
function stillIn(region, day) {
  return { ...day, jobs: day.jobs.filter((number) => region.querySelector(`[data-job="${number}"]`)) };
}

function showNext(region, day, carry, stands, next) {
  let card = region.querySelector(".next-job");
  if (!next) return card?.replaceWith(piece(day.finished));
  if (card?.dataset.job !== next) {
    const fresh = piece(carry.jobs[next].card);
    if (card) card.replaceWith(fresh);
    else (region.querySelector(".empty") ?? region.lastElementChild).replaceWith(fresh);
    card = fresh;
    htmx.process(card);
  }
  dress(card, carry, stands[next], carry.jobs[next], "next");
}

function composeJob(region, carry, stands) {
  const card = region.querySelector(".next-job");
  const number = card?.dataset.job;
  if (!number || !stands[number] || !isMoved(carry, stands, number)) return;
  dress(card, carry, stands[number], carry.jobs[number], "alone");
}

// The card of a job in the state that it has reached.
function dress(card, carry, stand, job, heading) {
  const drawn = job.cards[stand.state];
  if (!drawn || (!stand.isTouched && card.dataset.state === stand.state)) return;
  card.classList.remove(card.dataset.state);
  card.classList.add(stand.state);
  card.dataset.state = stand.state;
  card.querySelector(".eyebrow").textContent = drawn[heading];
  for (const old of card.querySelectorAll(":scope > .waiting")) old.remove();
  const deeds = piece(drawn.html);
  const hadFocus = card.querySelector(".next-job-deeds").contains(document.activeElement);
  card.querySelector(".next-job-deeds").replaceWith(deeds);
  if (stand.isTouched) deeds.before(waitingMark());
  for (const { body } of stand.waiting.filter((entry) => entry.body.note)) deeds.before(noteOf(body.note));
  undoFor(deeds, carry.undo_seconds * 1000 - (Date.now() - stand.tappedAt));
  htmx.process(deeds);
  if (hadFocus) deeds.querySelector(".act, a, button")?.focus();
}

function offerUndo(region, carry, stands, ended) {
  for (const bar of region.querySelectorAll(".undo-bar.kept")) bar.remove();
  const last = ended.filter((number) => stands[number].isTouched).sort((a, b) => stands[b].tappedAt - stands[a].tappedAt)[0];
  if (!last) return;
  const bar = piece(carry.jobs[last].bars[stands[last].state]);
  bar.classList.add("kept");
  bar.querySelector(".callout-body").append(waitingMark());
  region.querySelector(".next-job, .empty")?.before(bar);
  undoFor(bar, carry.undo_seconds * 1000 - (Date.now() - stands[last].tappedAt));
}

// A mistap can be taken back for a while, counted from the tap.
function undoFor(where, left) {
  const form = where.querySelector("input[name=to][value=undone]")?.form;
  if (!form) return;
  if (left <= 0) form.remove();
  else setTimeout(() => form.remove(), left);
}

// `wanted` in this order; what else stands in the list (breaks) keeps its place.
function fillList(target, wanted, day, carry, stands, isNews) {
  for (const item of target.querySelectorAll("[data-job]")) if (!wanted.includes(item.dataset.job) && !isNews(item.dataset.job)) item.remove();
  for (const number of wanted) {
    let item = target.querySelector(`[data-job="${number}"]`);
    if (item && !isMoved(carry, stands, number)) continue;
    const fresh = document.createElement("li");
    fresh.dataset.job = number;
    fresh.append(piece(carry.jobs[number].lines[stands[number].state]));
    if (stands[number].isTouched) fresh.querySelector(".day-job-where").append(" ", waitingMark("span"));
    if (item) item.replaceWith(fresh);
    else target.insertBefore(fresh, after(target, number, day.jobs));
  }
}

function after(target, number, order) {
  const items = [...target.querySelectorAll("[data-job]")];
  return items.find((item) => order.indexOf(item.dataset.job) > order.indexOf(number)) ?? null;
}

function restList(region) {
  const found = [...region.querySelectorAll("ol.day-list")].find((one) => !one.closest(".done-jobs"));
  if (found) return found;
  const made = document.createElement("ol");
  made.className = "day-list";
  region.querySelector(".done-jobs").before(made);
  return made;
}

function count(region, day, ended, inList) {
  const tally = region.querySelector("[data-tally]");
  if (tally) tally.textContent = day.tallies[ended] ?? tally.textContent;
  const progress = region.querySelector("progress");
  if (progress) progress.value = ended;
  const done = region.querySelector(".done-jobs");
  done.hidden = !inList;
  done.querySelector("[data-done]").textContent = day.done[inList];
}

function isMoved(carry, stands, number) {
  return stands[number].isTouched || stands[number].state !== carry.jobs[number].drawn;
}

function waitingMark(name = "p") {
  const mark = document.getElementById("waiting-template").content.firstElementChild.cloneNode(true);
  if (name === "p") return mark;
  const short = document.createElement(name);
  short.className = "waiting is-warn";
  short.append(...mark.childNodes);
  return short;
}

function noteOf(text) {
  const note = document.createElement("p");
  note.className = "typed waiting small";
  note.textContent = text;
  return note;
}
