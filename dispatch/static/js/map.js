// Where the day happens, drawn from what rows and decisions already say (data-point, data-seen): every place of work
// once, with how many jobs it has and how they stand, routes as lines between them, and who last tapped where.
// The job of the panel and the route of the technician who was picked stand out. With data-tiles streets lie below.
//   [data-map] folds it, which is remembered on this device   [data-map-zoom] [data-map-whole]
const map = document.getElementById("map");
const list = document.getElementById("route-list");
const pane = document.getElementById("map-pane");
const fold = document.querySelector("[data-map]");
const { mercator, fitted, nearer, moved, pixels, grouped, tilesOf } = await import(map.dataset.projection);
const { TONES, read, worst, nameOf, described, short, initials } = await import(map.dataset.places);
const SYMBOLS = { open: "user", late: "warning", risk: "clock", begun: "play", done: "check" };
const ROOMY = matchMedia("(min-width: 100rem)");
const KEY = "board-map";
const APART = 30; // pixels: no button lies on another
const [tiles, lines, spots] = ["div", "svg", "div"].map(layer);
const roads = new Map(); // tiles by address
let places = [];
let view = null; // where the reader has gone; null: everything
let shown = null; // what is drawn
let picked = null;
let followed = null; // the job that has been brought into sight
let drawn = 0;

if (list) start();

function start() {
  fold.addEventListener("click", () => show(pane.hidden, true));
  pane.addEventListener("click", enlarge);
  spots.addEventListener("click", choose);
  spots.addEventListener("keydown", walk);
  tiles.addEventListener("error", (event) => event.target.remove(), true); // the sketch is there without it
  map.addEventListener("pointerdown", drag);
  map.addEventListener("wheel", wheel, { passive: false });
  new ResizeObserver(later).observe(map);
  const observer = new MutationObserver(later);
  observer.observe(list, { childList: true });
  observer.observe(document.getElementById("decide"), { childList: true, subtree: true });
  document.addEventListener("sifted", later);
  document.addEventListener("htmx:afterSettle", mark);
  document.addEventListener("picked", ({ detail }) => {
    picked = detail;
    mark();
  });
  for (const kind of ["pointerover", "focusin"]) list.addEventListener(kind, (event) => trace(event.target.closest?.(".route")?.id));
  list.addEventListener("pointerleave", () => trace());
  const kept = localStorage.getItem(KEY);
  show(kept ? kept === "shown" : ROOMY.matches);
}

function layer(name) {
  const made = name === "svg" ? svg("svg", { "aria-hidden": "true" }) : document.createElement(name);
  made.classList.add("map-layer");
  map.append(made);
  return made;
}

function show(open, chosen = false) {
  pane.hidden = !open;
  fold.setAttribute("aria-expanded", String(open));
  if (chosen) localStorage.setItem(KEY, open ? "shown" : "folded");
  if (chosen && open) pane.scrollIntoView({ block: "nearest" });
  later();
}

// Several swaps of one answer are one drawing.
function later() {
  if (pane.hidden || drawn) return;
  drawn = requestAnimationFrame(() => {
    drawn = 0;
    places = read().map((place) => ({ ...place, at: mercator(...place.at) }));
    draw();
  });
}

function draw() {
  const { clientWidth: width, clientHeight: height } = map;
  map.querySelector(".map-empty").hidden = places.length > 0;
  if (!width || !height) return;
  shown = view ?? fitted(places.length ? places.map((place) => place.at) : [[0.5, 0.5]], width, height, 34);
  Object.assign(shown, { width, height });
  for (const place of places) [place.x, place.y] = pixels(shown, place.at, width, height);
  pave(width, height);
  drawLines(width, height);
  drawSpots(width, height);
  mark();
}

function pave(width, height) {
  if (!map.dataset.tiles) return;
  const wanted = places.length ? tilesOf(shown, width, height, map.dataset.tiles) : [];
  const kept = new Set(wanted.map(({ href }) => href));
  for (const [href, tile] of roads) {
    if (kept.has(href)) continue;
    tile.remove();
    roads.delete(href);
  }
  for (const { href, left, top, size } of wanted) {
    const tile = roads.get(href) ?? document.createElement("img");
    if (!roads.has(href)) {
      Object.assign(tile, { alt: "", draggable: false, referrerPolicy: "origin", src: href });
      roads.set(href, tile);
      tiles.append(tile);
    }
    Object.assign(tile.style, { width: `${size + 0.5}px`, height: `${size + 0.5}px`, transform: `translate(${left}px, ${top}px)` });
  }
}

function drawLines(width, height) {
  lines.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const where = new Map(places.map((place) => [place.key, `${place.x.toFixed(1)},${place.y.toFixed(1)}`]));
  const routes = new Map();
  for (const stop of list.querySelectorAll(":scope > .route:not([hidden]) a.stop[data-point]")) {
    const row = stop.closest(".route").id;
    routes.set(row, [...(routes.get(row) ?? []), where.get(stop.dataset.point)]);
  }
  lines.replaceChildren(...[...routes].map(([row, points]) => svg("polyline", { points: points.join(" "), "data-row": row })));
}

function drawSpots(width, height) {
  const focused = document.activeElement?.dataset.spot;
  const taken = [];
  const made = grouped(places, APART).map((group) => spot(group, taken, width, height));
  spots.replaceChildren(...made);
  const stop = made.find((one) => one.dataset.spot === focused) ?? made[0];
  if (stop) stop.tabIndex = 0;
  if (focused) stop?.focus({ preventScroll: true });
}

function spot(group, taken, width, height) {
  const jobs = group.places.flatMap((place) => place.jobs);
  const people = group.places.flatMap((place) => place.people);
  const tone = TONES[worst({ jobs })] ?? "done";
  const button = document.createElement("button");
  button.type = "button";
  button.tabIndex = -1;
  button.className = `spot ${tone}${jobs.length ? "" : " bare"}`;
  button.classList.toggle("dim", [...jobs, ...people].every((one) => one.dim));
  button.dataset.spot = group.places[0].key;
  button.style.transform = `translate(${group.x}px, ${group.y}px)`;
  button.title = group.places.map((place) => short(place.name)).join(", ");
  button.setAttribute("aria-label", nameOf(group.places, jobs, people, map.dataset));
  if (jobs.length > 1) button.append(text("spot-count", jobs.length));
  if (SYMBOLS[tone] && jobs.length) button.append(symbol(SYMBOLS[tone]));
  if (people.length) button.append(text(`seen${people.every((one) => one.coming) ? " coming" : ""}`, people.length > 1 ? people.length : initials(people[0].name)));
  label(button, group, taken, width, height);
  return Object.assign(button, { jobs, people });
}

// The name of the place, where there is room for it: the worst places are asked first.
function label(button, group, taken, width, height) {
  const name = group.places.length > 1 ? `${short(group.places[0].name)} +${group.places.length - 1}` : short(group.places[0].name);
  const half = Math.min(name.length * 3.1 + 3, 58);
  const box = [group.x - half, group.y + 13, group.x + half, group.y + 28];
  const inside = box[0] > 0 && box[2] < width && box[3] < height;
  if (!inside || [...taken, ...places.map(({ x, y }) => [x - 13, y - 13, x + 13, y + 13])].some((other) => overlap(box, other))) return;
  taken.push(box);
  button.append(text("spot-name", name));
}

function overlap(a, b) {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

// Only classes: nothing is drawn again because something else is chosen.
function mark() {
  if (pane.hidden) return;
  const number = document.getElementById("selected").value;
  let chosen = null;
  for (const one of spots.children) {
    const here = !!number && one.jobs.some((job) => job.number === number);
    if (here) chosen = one;
    one.toggleAttribute("aria-current", here);
    if (here) one.setAttribute("aria-current", "true");
  }
  trace();
  if (number === followed || !fresh()) return;
  followed = number;
  if (chosen) bringIn(chosen);
}

// Whether the map is still as large as it was drawn: a panel that opens makes it smaller.
function fresh() {
  return shown && map.clientWidth === shown.width && map.clientHeight === shown.height;
}

function trace(over) {
  if (pane.hidden) return;
  const row = over ?? picked ?? list.querySelector("a.stop[aria-current]")?.closest(".route").id;
  const line = [...lines.children].find((one) => one.dataset.row === row);
  map.classList.toggle("has-chosen", !!line);
  for (const one of lines.querySelectorAll(".chosen")) if (one !== line) one.classList.remove("chosen");
  line?.classList.add("chosen");
  if (line && line !== lines.lastElementChild) lines.append(line);
  for (const one of spots.children) one.classList.toggle("on-route", !!line && [...one.jobs, ...one.people].some((each) => each.row === row));
}

function bringIn(button) {
  const [x, y] = button.style.transform.match(/-?[\d.]+/g).map(Number);
  const { clientWidth: width, clientHeight: height } = map;
  if (x >= 0 && y >= 0 && x <= width && y <= height) return;
  go(moved(shown, width / 2 - x, height / 2 - y));
}

function go(to) {
  view = to;
  draw();
}

function choose(event) {
  const button = event.target.closest(".spot");
  if (!button) return;
  const items = described(button.jobs, button.people, map.dataset.nobody).map((one) => ({ ...one, symbol: one.person ? text("seen", initials(one.person)) : symbol(SYMBOLS[one.tone] ?? "building") }));
  if (items.length === 1) document.getElementById(items[0].id)?.click();
  else document.dispatchEvent(new CustomEvent("offer", { detail: { title: button.title, items, from: button } }));
}

// Right and left go on to the east and west, down and up to the south and north, one place after the other.
function walk(event) {
  const ways = { right: ["x", 1], left: ["x", -1], down: ["y", 1], up: ["y", -1] };
  const [axis, step] = ways[event.meant?.find((name) => name in ways)] ?? [];
  if (!axis) return;
  event.preventDefault();
  const at = new Map([...spots.children].map((one) => [one, one.style.transform.match(/-?[\d.]+/g).map(Number)[axis === "x" ? 0 : 1]]));
  const order = [...at.keys()].sort((a, b) => at.get(a) - at.get(b));
  const next = order[order.indexOf(event.target.closest(".spot")) + step];
  if (!next) return;
  for (const one of order) one.tabIndex = one === next ? 0 : -1;
  next.focus({ preventScroll: true });
  bringIn(next);
}

function enlarge(event) {
  const button = event.target.closest("[data-map-zoom], [data-map-whole]");
  if (!button || !shown) return;
  go(button.dataset.mapZoom ? nearer(shown, Number(button.dataset.mapZoom)) : null);
}

function wheel(event) {
  if (!event.ctrlKey && !event.metaKey) return; // without, the page scrolls
  event.preventDefault();
  go(nearer(shown, event.deltaY < 0 ? 1.25 : 0.8));
}

function drag(event) {
  if (event.button || event.target.closest(".spot")) return;
  map.setPointerCapture(event.pointerId);
  const from = { view: shown, x: event.clientX, y: event.clientY };
  const move = (now) => go(moved(from.view, now.clientX - from.x, now.clientY - from.y));
  map.addEventListener("pointermove", move);
  map.addEventListener("lostpointercapture", () => map.removeEventListener("pointermove", move), { once: true });
}

function symbol(name) {
  const made = svg("svg", { class: "icon", "aria-hidden": "true" });
  made.append(svg("use", { href: `${map.dataset.icons}#${name}` }));
  return made;
}

function text(className, content) {
  const made = document.createElement("span");
  made.className = className;
  made.textContent = content;
  return made;
}

function svg(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
