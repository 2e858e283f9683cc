// The board between two swaps: which job is open, which lists were unfolded, and that nothing is drawn anew under a finger.
//   [data-close-panel]     empties the panel and frees its column
//   hx-trigger="…, again"  what asks by itself (news, a poll): it waits between pressing and letting go, so that the browser
//                          finds the element that was pressed and makes a click or a drop of it, and until what was
//                          asked for by hand has come, whose place it would take away; "again" asks afterwards
const detail = () => document.getElementById("detail");
const unfolded = new Set();
const scrolled = new Map(); // how far inside an unfolded list, by its id
const missed = new Set();
let pressed = false;
let dragging = false;
let underWay = 0; // what was asked for by hand and has not come yet
const question = document.getElementById("confirm"); // while it is open, the form that it is asked of stays

document.addEventListener("htmx:afterSettle", mark);
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "detail" && innerWidth < 1120) detail().scrollIntoView();
});
addEventListener("popstate", () => location.reload());

// News of a job that was open when they were asked for do not take the place of the one that is open now.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  if (target.id === "detail" && numberIn(fragment) !== numberIn(target)) event.detail.shouldSwap = false;
});

question.addEventListener("close", () => setTimeout(askAgain)); // after what the answer sends
document.addEventListener("pointerdown", () => { pressed = true; }, true);
document.addEventListener("dragstart", () => { dragging = true; }, true);
document.addEventListener("dragend", release, true);
for (const name of ["pointerup", "pointercancel"]) {
  document.addEventListener(name, () => dragging || release(), true);
}
// a finger that went up out of sight, and a piece that was taken away while it was dragged
document.addEventListener("pointermove", (event) => pressed && !event.buttons && release());
document.addEventListener("htmx:beforeRequest", (event) => hold(event.detail.elt) && event.preventDefault());
document.addEventListener("htmx:beforeSend", (event) => { if (!asksByItself(event.detail.elt)) underWay += 1; });
document.addEventListener("htmx:afterRequest", (event) => {
  if (asksByItself(event.detail.elt)) return;
  underWay = Math.max(0, underWay - 1);
  askAgain();
});
// An answer is dropped whole, its cursor too: asking again brings everything that was in it.
document.addEventListener("htmx:beforeSwap", (event) => {
  for (const id of unfolded) scrolled.set(id, document.getElementById(id)?.lastElementChild.scrollTop);
  if (hold(event.detail.requestConfig.elt)) event.detail.shouldSwap = false;
});

document.addEventListener("toggle", (event) => {
  if (!event.target.matches("details[id]")) return;
  if (event.target.open) unfolded.add(event.target.id);
  else if (event.target.isConnected) unfolded.delete(event.target.id);
}, true);

document.addEventListener("click", (event) => {
  const closer = event.target.closest("[data-close-panel]");
  if (!closer || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  history.pushState({}, "", closer.href);
  const last = document.querySelector(".stop[aria-current]") ?? document.getElementById("main");
  detail().replaceChildren();
  detail().hidden = true;
  mark();
  last.focus({ preventScroll: true });
});

function asksByItself(asker) {
  return asker.matches("[hx-trigger$=again]");
}

function isBusy() {
  return pressed || underWay > 0 || question.open;
}

function hold(asker) {
  const waits = isBusy() && asksByItself(asker);
  if (waits) missed.add(asker);
  return waits;
}

function askAgain() {
  if (isBusy()) return;
  const askers = [...missed];
  missed.clear();
  for (const asker of askers) htmx.trigger(asker, "again");
}

// The click comes after the finger has gone, a drag after its pointer was cancelled.
function release() {
  dragging = false;
  setTimeout(() => {
    if (dragging) return;
    pressed = false;
    askAgain();
  });
}

// The server marks what it renders; what it did not render again is marked here.
function mark() {
  const number = numberIn(detail());
  document.getElementById("selected").value = number;
  for (const stop of document.querySelectorAll(".stop[aria-current]")) stop.removeAttribute("aria-current");
  document.getElementById(`stop-${number}`)?.setAttribute("aria-current", "true");
  for (const item of document.querySelectorAll(".decision")) item.classList.toggle("selected", item.id === `decision-${number}`);
  for (const id of unfolded) unfold(document.getElementById(id));
}

function unfold(list) {
  if (!list || list.open) return;
  list.open = true;
  list.lastElementChild.scrollTop = scrolled.get(list.id) ?? 0;
}

function numberIn(panel) {
  return panel?.querySelector(".number")?.textContent ?? "";
}
