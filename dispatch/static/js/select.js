// Several jobs chosen at once; what is done to them is in the bar that appears (#selection). Keys: board/shortcuts.py.
//   Ctrl/⌘+click or "pick" on a job   adds or removes it         Shift+click or "pick_more"   all between
//   [data-select-mode]                a plain click or tap chooses instead of opening
//   "lock" on a job                   its lock goes on to the next kind; of all chosen when it is one of them
//   "leave" or [data-select-none]     chooses none               "bar"                        goes to the bar
// A job is known by its number, so that it stays chosen when its row is drawn again; the version sent is the one in sight.
const PIECES = "a.stop[data-version]:not(.done), .decision[data-version]";
const LOCKS = ["none", "technician", "time", "both"];
const MOST = 100;
const bar = document.getElementById("selection");
const list = document.getElementById("route-list");
const mode = document.querySelector("[data-select-mode]");
const picked = new Map(); // number -> version last seen
let anchor = null;

if (bar && list) {
  document.addEventListener("click", click, true);
  document.addEventListener("keydown", press);
  document.addEventListener("htmx:afterSettle", draw);
  document.addEventListener("bulk-done", (event) => keep((number) => !event.detail.numbers.includes(number)));
  mode.addEventListener("click", () => setMode(mode.getAttribute("aria-pressed") !== "true"));
  bar.addEventListener("click", (event) => {
    if (event.target.closest("[data-select-none]")) leave();
    if (event.target.closest("[data-report-close]")) document.getElementById("bulk-report").replaceChildren();
    draw();
  });
}

function numberOf(piece) {
  return piece.dataset.number ?? piece.id.replace("stop-", "");
}

function piecesOf(number) {
  return [document.getElementById(`stop-${number}`), document.getElementById(`decision-${number}`)].filter((piece) => piece?.matches(PIECES));
}

// The job under a click or a key; not what else can be pressed inside a decision.
function pieceAt(target) {
  const inner = target.closest?.("a, button, summary, input, select");
  return !inner || inner.matches(".stop, .decision-title") ? target.closest?.(PIECES) : null;
}

function click(event) {
  const chooses = event.ctrlKey || event.metaKey || event.shiftKey || mode.getAttribute("aria-pressed") === "true";
  const piece = chooses && event.button === 0 ? pieceAt(event.target) : null;
  if (!piece) return;
  event.preventDefault();
  event.stopPropagation();
  if (event.shiftKey) extend(piece);
  else toggle(piece);
  (piece.matches("a") ? piece : piece.querySelector(".decision-title")).focus({ preventScroll: true });
}

function press(event) {
  if (event.isComposing || event.defaultPrevented) return;
  const piece = event.target.matches?.("a.stop, .decision-title") ? pieceAt(event.target) : null;
  const means = (name) => event.meant?.includes(name);
  if (means("bar") && picked.size) act(event, () => document.getElementById("move-selected").focus());
  else if (means("leave")) escape(event);
  else if (!piece) return;
  else if (means("pick")) act(event, () => toggle(piece));
  else if (means("lock")) act(event, () => lock(piece));
  else if (means("pick_more")) act(event, () => walk(piece, event.key));
}

function act(event, deed) {
  event.preventDefault();
  deed();
}

// Escape belongs to a dialog, a field or a menu first.
function escape(event) {
  const chooses = picked.size || mode.getAttribute("aria-pressed") === "true";
  if (!chooses || document.querySelector("dialog[open]") || event.target.closest("input, textarea, select, details[open]")) return;
  act(event, leave);
}

function leave() {
  const inside = bar.contains(document.activeElement) && anchor;
  keep(() => false);
  setMode(false);
  if (inside) focusOn(anchor);
}

function focusOn(number) {
  const piece = piecesOf(number)[0];
  (piece?.matches("a") ? piece : piece?.querySelector(".decision-title"))?.focus();
}

function setMode(on) {
  mode.setAttribute("aria-pressed", String(on));
  document.body.classList.toggle("choosing-jobs", on);
  draw();
}

function toggle(piece) {
  const number = numberOf(piece);
  anchor = number;
  if (!picked.delete(number)) picked.set(number, piece.dataset.version);
  draw();
}

// From the job chosen last to this one: along one route or the list of decisions, across routes those in sight.
function extend(piece) {
  const all = [...document.querySelectorAll(PIECES)].filter((other) => inSight(other) && other.matches("a") === piece.matches("a"));
  const from = all.findIndex((other) => numberOf(other) === anchor);
  const to = all.indexOf(piece);
  const range = from < 0 ? [piece] : all.slice(Math.min(from, to), Math.max(from, to) + 1);
  for (const other of range) picked.set(numberOf(other), other.dataset.version);
  anchor ??= numberOf(piece);
  draw();
}

function inSight(piece) {
  return !piece.closest("[hidden]") && !piece.matches(".dim");
}

// The arrows themselves are the timeline's: it is asked for the next job, and that one is chosen too.
function walk(piece, key) {
  picked.set(numberOf(piece), piece.dataset.version);
  document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  if (piece.matches(".decision")) beside(piece, key)?.querySelector(".decision-title").focus();
  const next = pieceAt(document.activeElement);
  if (next) picked.set(numberOf(next), next.dataset.version);
  anchor = numberOf(next ?? piece);
  draw();
}

function beside(piece, key) {
  const sibling = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[key];
  const other = sibling && piece[sibling];
  return other?.matches(PIECES) ? other : null;
}

function keep(fits) {
  for (const number of [...picked.keys()]) if (!fits(number)) picked.delete(number);
  draw();
}

function lock(piece) {
  const one = numberOf(piece);
  const next = LOCKS[(LOCKS.indexOf(piece.dataset.lock) + 1) % LOCKS.length];
  const values = { lock: next, job: picked.has(one) ? sent() : [`${one}:${piece.dataset.version}`], selected: document.getElementById("selected").value };
  htmx.ajax("POST", bar.dataset.lock, { source: bar, target: "#bulk-report", swap: "outerHTML", values });
}

function sent() {
  return [...picked].map(([number, version]) => `${number}:${version}`);
}

function draw() {
  for (const piece of document.querySelectorAll(PIECES)) {
    const on = picked.has(numberOf(piece));
    const named = piece.matches("a") ? piece : piece.querySelector(".decision-title");
    if (on) picked.set(numberOf(piece), piece.dataset.version);
    piece.classList.toggle("picked", on);
    if (on) named.setAttribute("aria-describedby", "picked-word");
    else named.removeAttribute("aria-describedby");
  }
  const form = document.getElementById("selection-form");
  const told = document.getElementById("selection-count");
  const words = picked.size === 1 ? told.dataset.one : picked.size > MOST ? told.dataset.most : told.dataset.many;
  const text = picked.size ? words.replace("#", picked.size) : "";
  if (told.textContent !== text) told.textContent = text;
  form.hidden = !picked.size;
  for (const button of form.querySelectorAll("button:not([data-select-none])")) button.disabled = picked.size > MOST;
  bar.hidden = !picked.size && !document.getElementById("bulk-report").childElementCount;
  document.getElementById("picked").replaceChildren(...sent().map((value) => {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: "job", value });
    return field;
  }));
}
