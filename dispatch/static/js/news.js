// Who asks by himself, for news or at intervals: nothing that he has heard is lost, and nothing is drawn under a finger.
//   hx-trigger="…, again"  asks by itself. It stays where it is and draws inside itself, or into its hx-target: what an
//                          answer replaces must not be what listens.
//   data-address           inside it: where what is drawn there is read anew; as long as nothing is, nothing is asked
// He waits between pressing and letting go, so that the browser finds the element that was pressed and makes a click or
// a drop of it; until what was asked for by hand has come, whose place he would take; and while a question is open.
//   body[data-pressed]     a finger or a button is down; "lifted" fires on document when it is not any more
// What found no answer is asked again, and in silence: the line about the connection has told already.
const PATIENCE_MS = 20_000;
const AGAIN_MS = 3000;
const missed = new Set();
const trying = new Set(); // who will ask again by itself, and not twice
const byHand = new Set(); // requests under way
const question = document.getElementById("confirm"); // while it is open, the form that it is asked of stays
let dragging = false;

document.addEventListener("pointerdown", () => { document.body.dataset.pressed = ""; }, true);
document.addEventListener("dragstart", () => { dragging = true; }, true);
document.addEventListener("dragend", release, true);
for (const name of ["pointerup", "pointercancel"]) {
  document.addEventListener(name, () => dragging || release(), true);
}
// a finger that went up out of sight, and a piece that was taken away while it was dragged
document.addEventListener("pointermove", (event) => isPressed() && !event.buttons && release());
question.addEventListener("close", () => setTimeout(askAgain)); // after what the answer sends

document.addEventListener("htmx:configRequest", (event) => {
  const { elt } = event.detail;
  if (!asksByItself(elt)) return;
  event.detail.timeout = PATIENCE_MS;
  if (elt.getAttribute("hx-get")) return;
  const address = elt.querySelector("[data-address]")?.dataset.address;
  if (address) event.detail.path = address;
  else event.preventDefault();
});
document.addEventListener("htmx:beforeRequest", (event) => hold(event.detail.elt) && event.preventDefault());
document.addEventListener("htmx:beforeSend", (event) => { if (!asksByItself(event.detail.elt)) byHand.add(event.detail.xhr); });
document.addEventListener("htmx:afterRequest", (event) => {
  byHand.delete(event.detail.xhr);
  if (!asksByItself(event.detail.elt)) askAgain();
});
// An answer is dropped whole, its cursor too: asking again brings everything that was in it.
document.addEventListener("htmx:beforeSwap", (event) => {
  const asker = event.detail.requestConfig.elt;
  if (hold(asker)) event.detail.shouldSwap = false;
  else if (asksByItself(asker) && !event.detail.target.isConnected) again(asker);
});
for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(name, (event) => {
    const { elt, xhr } = event.detail;
    if (!asksByItself(elt) || (xhr.status && xhr.status < 500 && xhr.status !== 429)) return;
    event.stopImmediatePropagation();
    if (trying.has(elt)) return;
    trying.add(elt);
    setTimeout(() => {
      trying.delete(elt);
      again(elt);
    }, AGAIN_MS * (1 + Math.random())); // not all pages of a server that starts at once
  }, true);
}

function asksByItself(asker) {
  return asker.matches("[hx-trigger$=again]");
}

function hold(asker) {
  const waits = isBusy() && asksByItself(asker);
  if (waits) missed.add(asker);
  return waits;
}

// One that was cut off with its element has no end of its own.
function isBusy() {
  for (const request of byHand) if ([XMLHttpRequest.UNSENT, XMLHttpRequest.DONE].includes(request.readyState)) byHand.delete(request);
  return isPressed() || byHand.size > 0 || question.open;
}

function isPressed() {
  return document.body.dataset.pressed !== undefined;
}

function askAgain() {
  if (isBusy()) return;
  const askers = [...missed];
  missed.clear();
  for (const asker of askers) again(asker);
}

function again(asker) {
  htmx.trigger(asker, "again");
}

// The click comes after the finger has gone, a drag after its pointer was cancelled.
function release() {
  dragging = false;
  setTimeout(() => {
    if (dragging) return;
    delete document.body.dataset.pressed;
    document.dispatchEvent(new Event("lifted"));
    askAgain();
  });
}
