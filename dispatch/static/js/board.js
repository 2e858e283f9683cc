// The board between two swaps: which job is open, and which lists were unfolded.
//   [data-close-panel]     empties the panel and frees its column
//   [data-fold]            a list that is drawn open, and stays folded once it was
const detail = () => document.getElementById("detail");
const unfolded = new Set();
const folded = new Set();
const scrolled = new Map(); // how far inside an unfolded list, by its id

document.addEventListener("htmx:afterSettle", mark);
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "detail" && innerWidth < 1120) detail().scrollIntoView();
});
for (const swapped of ["htmx:afterSwap", "htmx:oobAfterSwap"]) document.addEventListener(swapped, fold);
addEventListener("popstate", () => location.reload());

// News of a job that was open when they were asked for do not take the place of the one that is open now.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  if (target.id === "detail" && numberIn(fragment) !== numberIn(target)) event.detail.shouldSwap = false;
});

document.addEventListener("htmx:beforeSwap", () => {
  for (const id of unfolded) scrolled.set(id, document.getElementById(id)?.lastElementChild.scrollTop);
});

document.addEventListener("toggle", (event) => {
  if (!event.target.matches("details[id]:not([data-fold])")) return;
  if (event.target.open) unfolded.add(event.target.id);
  else if (event.target.isConnected) unfolded.delete(event.target.id);
}, true);

document.addEventListener("click", (event) => {
  const list = event.target.closest("[data-fold] > summary")?.parentElement;
  if (list) folded[list.open ? "add" : "delete"](list.id);
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

// As soon as it is drawn, so that it is not seen open.
function fold() {
  for (const id of folded) document.getElementById(id)?.removeAttribute("open");
}

function numberIn(panel) {
  return panel?.querySelector(".number")?.textContent ?? "";
}
