// Moving work by dragging it: while it is held, every row says at once what it would mean there.
//   draggable="true" with data-version on a .stop or a .decision;  #route-list[data-offers][data-assign]
// "Move to…" in the panel does the same by keyboard. A drop that breaks a rule opens that sheet, which asks for a reason.
const list = document.getElementById("route-list");
const NAMED = 4;
let held = null; // { number, version, from, offers: Map, asked: Promise }

if (list) {
  document.addEventListener("dragstart", take);
  document.addEventListener("dragend", release);
  list.addEventListener("dragover", over);
  list.addEventListener("dragleave", (event) => route(event)?.classList.remove("aimed"));
  list.addEventListener("drop", drop);
}

function route(event) {
  return event.target.closest?.(".route");
}

function take(event) {
  const piece = event.target.closest?.(".stop[draggable], .decision[draggable]");
  release(); // what was swapped out while it was held never said that it was let go
  if (!piece) return;
  const number = piece.dataset.number ?? piece.id.replace("stop-", "");
  held = { number, version: piece.dataset.version, from: piece.closest(".route")?.id, offers: new Map() };
  event.dataTransfer.setData("text/plain", number);
  event.dataTransfer.effectAllowed = "move";
  piece.classList.add("held");
  list.classList.add("choosing");
  held.asked = ask(held);
}

async function ask(mine) {
  const address = list.dataset.offers.replace("INT-0", mine.number);
  const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) {
    const { offline } = document.getElementById("toasts").dataset;
    document.dispatchEvent(new CustomEvent("toast", { detail: { text: offline, tone: "danger" } }));
    return;
  }
  const { items } = await answer.json();
  for (const offer of items) {
    const row = `route-${offer.technician}`;
    if (!mine.offers.has(row)) mine.offers.set(row, offer); // best first: at night one may have two routes
  }
  if (held !== mine) return;
  const nobody = items.find((offer) => offer.technician === null);
  for (const row of list.querySelectorAll(":scope > .route")) show(row, mine.offers.get(row.id) ?? nobody ?? null);
  if (!nobody) sum(mine.offers);
}

// Whom it fits, also further down: best first.
function sum(offers) {
  const fitting = [...offers].filter(([, { tone }]) => tone !== "broken");
  const names = fitting.map(([row]) => document.getElementById(row)?.querySelector(".route-name")?.textContent.trim()).filter(Boolean);
  const told = document.createElement("p");
  told.className = "offers-told";
  const words = document.createElement("span");
  const some = names.slice(0, NAMED).join(", ");
  const more = names.length > NAMED ? ` +${names.length - NAMED}` : "";
  words.textContent = names.length ? list.dataset.fitting.replace("{names}", some + more) : list.dataset.fitsNobody;
  told.append(words);
  list.before(told);
}

function show(row, offer) {
  const told = document.createElement("p");
  told.className = `offer ${offer?.tone ?? "off"}`;
  told.textContent = offer?.told ?? list.dataset.offDuty;
  row.append(told);
}

function over(event) {
  const row = route(event);
  if (!held || !row) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "move";
  if (row.classList.contains("aimed")) return;
  for (const other of list.querySelectorAll(".aimed")) other.classList.remove("aimed");
  row.classList.add("aimed");
}

// Only what the row has said is written: whoever is not there that day takes nothing.
async function drop(event) {
  const row = route(event);
  if (!held || !row || event.dataTransfer.getData("text/plain") !== held.number) return;
  event.preventDefault();
  const mine = held;
  await mine.asked;
  release();
  const offer = mine.offers.get(row.id);
  if (!offer || row.id === mine.from) return;
  const values = { technician: offer.technician, route: offer.day, version: mine.version };
  htmx.ajax("POST", list.dataset.assign.replace("INT-0", mine.number), { target: "#detail", swap: "outerHTML", values });
}

function release() {
  held = null;
  list.classList.remove("choosing");
  for (const told of document.querySelectorAll(".offer, .offers-told")) told.remove();
  for (const piece of document.querySelectorAll(".held, .aimed")) piece.classList.remove("held", "aimed");
}
