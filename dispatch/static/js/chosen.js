// What is chosen is chosen everywhere: the job of the panel comes into sight in the list and in its row, wherever it was
// picked, and a technician is picked by his name.
//   [data-pick]   a technician's name; "picked" on document says whose row it is, or nobody's
const list = document.getElementById("route-list");
const selected = document.getElementById("selected");
const WIDE = matchMedia("(min-width: 70rem)");
let number = null;
let row = null;

if (list) {
  document.addEventListener("htmx:afterSettle", reveal);
  list.addEventListener("click", pick);
  new MutationObserver(show).observe(list, { childList: true });
  reveal();
}

// Only when another job is chosen: news that redraw the same one leave the page where the reader has scrolled it.
function reveal() {
  if (selected.value === number) return;
  number = selected.value;
  if (!WIDE.matches) return; // one below the other: the panel comes into sight instead (board.js)
  for (const id of [`stop-${number}`, `decision-${number}`]) {
    document.getElementById(id)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

function pick(event) {
  const button = event.target.closest("[data-pick]");
  if (!button) return;
  const { id } = button.closest(".route");
  row = row === id ? null : id;
  show();
  if (row) document.getElementById(row).scrollIntoView({ block: "nearest", inline: "nearest" });
}

function show() {
  for (const button of list.querySelectorAll("[data-pick]")) {
    const route = button.closest(".route");
    if (route.classList.toggle("picked", route.id === row) !== (button.getAttribute("aria-pressed") === "true")) {
      button.setAttribute("aria-pressed", String(route.id === row));
    }
  }
  document.dispatchEvent(new CustomEvent("picked", { detail: row }));
}
