// The routes as a timeline. Without this script, and on a narrow screen, they are lists of cards.
// The server says everything in minutes since the day's local midnight: data-start, data-end and data-travel of a
// stop, data-shifts of a route. Here they only become lengths, so that a fragment that is swapped in finds its place.
//   [data-view="timeline|list"]   [data-zoom="-1|1"]   [data-dense]   are remembered on this device
import { fit } from "./fits.js";

const list = document.getElementById("route-list");
const tools = document.getElementById("board-tools");
const pane = list?.parentElement;
const WIDE = matchMedia("(min-width: 70rem)");
const ZOOMS = [0, 1.2, 1.8, 2.7, 4]; // pixels per minute; 0: the whole day fits
const TARGET = 24; // pixels: what can be pressed is never narrower or lower
const SHORT = 62; // pixels: less has no room for a time
const SHORT_AWAY = 104; // and for both ends of a break
const UNFOLDED = 160; // pixels: less room to the right than that, and a stop that is looked at unfolds to the left
const KEY = "board-view";
const laid = new WeakMap(); // rows by what they were drawn for: one that is swapped does not draw the others again
const wanted = { view: "timeline", zoom: 0, dense: false, ...remembered() };

if (list) {
  tools.hidden = false;
  tools.addEventListener("click", choose);
  WIDE.addEventListener("change", draw);
  new ResizeObserver(draw).observe(pane);
  new MutationObserver(draw).observe(list, { childList: true });
  document.addEventListener("minute", showNow);
  list.addEventListener("keydown", walk);
  draw();
  showTheHour();
}

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

function choose(event) {
  const button = event.target.closest("button");
  if (!button) return;
  const { view, zoom, dense } = button.dataset;
  if (view) wanted.view = view;
  const middle = zoom ? inTheMiddle() : null;
  if (zoom) wanted.zoom = Math.min(ZOOMS.length - 1, Math.max(0, wanted.zoom + Number(zoom)));
  if (dense !== undefined) wanted.dense = !wanted.dense;
  if (view || zoom || dense !== undefined) {
    localStorage.setItem(KEY, JSON.stringify(wanted));
    draw();
    if (zoom) bring(middle, 1 / 2);
  }
}

function draw() {
  const timeline = wanted.view === "timeline" && WIDE.matches;
  list.classList.toggle("timeline", timeline);
  list.classList.toggle("dense", timeline && wanted.dense);
  for (const part of tools.querySelectorAll(".only-timeline")) part.hidden = !timeline;
  for (const button of tools.querySelectorAll("[data-view]")) {
    button.setAttribute("aria-pressed", String((button.dataset.view === "timeline") === timeline));
  }
  tools.querySelector("[data-dense]").setAttribute("aria-pressed", String(wanted.dense));
  tools.querySelector("[data-zoom='-1']").disabled = wanted.zoom === 0;
  tools.querySelector("[data-zoom='1']").disabled = wanted.zoom === ZOOMS.length - 1;
  if (!timeline) return;
  scale();
  for (const route of list.querySelectorAll(":scope > .route")) lay(route);
}

// From the hour in which somebody begins to the one in which the last one is done; an absence that goes on is cut there.
function hours() {
  const times = (some) => [...list.querySelectorAll(some)].flatMap((one) => [Number(one.dataset.start), Number(one.dataset.end)]);
  const at = times(".stop:not(.away)[data-start]");
  for (const route of list.querySelectorAll("[data-shifts]")) at.push(...shifts(route).flat());
  const some = [at, times("[data-start]"), [480, 1080]].find((one) => one.length);
  return [Math.floor(Math.min(...some) / 60) * 60, Math.ceil(Math.max(...some) / 60) * 60];
}

function scale() {
  const [from, to] = hours();
  const head = parseFloat(getComputedStyle(list).getPropertyValue("--head")) * parseFloat(getComputedStyle(document.documentElement).fontSize);
  const room = pane.clientWidth - head - 42;
  const fit = Math.max(room / (to - from), 0.75);
  const pace = ZOOMS[wanted.zoom] ? Math.max(ZOOMS[wanted.zoom], fit) : fit;
  list.style.setProperty("--from", from);
  list.style.setProperty("--span", to - from);
  list.style.setProperty("--pace", pace);
  showHours(from, to, pace);
  showNow();
}

function lay(route) {
  const from = Number(list.style.getPropertyValue("--from"));
  const span = Number(list.style.getPropertyValue("--span"));
  const pace = Number(list.style.getPropertyValue("--pace"));
  const drawn = laid.get(route);
  if (drawn?.from !== from || drawn.span !== span) placeStops(route, from, from + span);
  if (drawn?.pace !== pace || drawn.from !== from || drawn.span !== span) {
    for (const stop of route.querySelectorAll("[data-start]")) {
      const [width, room] = [(stop.dataset.end - stop.dataset.start) * pace, (from + span - stop.dataset.start) * pace];
      const seen = stop.matches(".away") ? Math.min(width, uncovered(stop) * pace) : width;
      stop.classList.toggle("short", seen < (stop.matches(".away") ? SHORT_AWAY : SHORT));
      stop.style.setProperty("--seen", `${Math.floor(seen)}px`);
      stop.classList.toggle("at-end", room < UNFOLDED);
      stop.parentElement.style.setProperty("--room", `${Math.floor(room)}px`);
      if (!stop.matches(".away")) fit(stop, Math.max(width, TARGET));
    }
    stack(route, pace);
  }
  if (drawn?.from !== from || drawn?.span !== span) shade(route, from, span);
  laid.set(route, { from, span, pace });
}

// Minutes until what comes next lies on it.
function uncovered(away) {
  const next = away.parentElement.nextElementSibling?.querySelector("[data-start]");
  return next ? Math.max(0, next.dataset.start - away.dataset.start) : Infinity;
}

function placeStops(route, from, to) {
  for (const stop of route.querySelectorAll("[data-start]")) {
    const [start, end] = [Math.max(stop.dataset.start, from), Math.min(stop.dataset.end, to)];
    const place = stop.parentElement.style;
    stop.parentElement.hidden = end < start;
    place.setProperty("--at", start);
    place.setProperty("--for", Math.max(end - start, 1));
    place.setProperty("--travel", stop.dataset.travel ?? 0);
  }
}

// Work that is too short to be pressed reaches beyond its end, faintly; what would then lie on the next shares its height.
function stack(route, pace) {
  let [together, lanes, most] = [[], [], 1];
  for (const stop of route.querySelectorAll("a.stop[data-start]")) {
    const left = stop.dataset.start * pace;
    const right = left + Math.max((stop.dataset.end - stop.dataset.start) * pace - 1, TARGET);
    if (lanes.every((reach) => reach <= left)) [together, lanes] = [[], []];
    const free = lanes.findIndex((reach) => reach <= left);
    const lane = free < 0 ? lanes.length : free;
    lanes[lane] = right;
    together.push(stop);
    most = Math.max(most, lanes.length);
    stop.parentElement.style.setProperty("--lane", lane);
    for (const one of together) {
      one.parentElement.style.setProperty("--lanes", lanes.length);
      one.classList.toggle("thin", lanes.length > 1);
    }
    stop.parentElement.classList.toggle("reaching", right - left === TARGET);
  }
  route.querySelector(".stops")?.style.setProperty("--most", most);
}

// What lies outside the shifts.
function shade(route, from, span) {
  const stops = route.querySelector(".stops");
  if (!stops) return;
  const off = "light-dark(#e9edf0, #05080a)";
  const edges = shifts(route).flatMap(([begin, end]) => {
    const [a, b] = [begin, end].map((minute) => `${(((minute - from) / span) * 100).toFixed(3)}%`);
    return [`${off} ${a}`, `transparent ${a}`, `transparent ${b}`, `${off} ${b}`];
  });
  stops.style.setProperty("--hours-off", edges.length ? `linear-gradient(90deg, ${edges.join(", ")})` : "none");
}

function shifts(route) {
  return route.dataset.shifts.trim().split(" ").filter(Boolean).map((span) => span.match(/(-?\d+)-(-?\d+)/).slice(1).map(Number));
}

function showHours(from, to, pace) {
  const scale = list.querySelector(".hours") ?? document.createElement("li");
  scale.className = "hours";
  scale.setAttribute("aria-hidden", "true");
  const step = pace * 60 < 44 ? 120 : 60;
  const clock = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: list.dataset.zone });
  const opening = Date.parse(list.dataset.opening);
  scale.replaceChildren(...range(from, to, step).map((minute) => {
    const mark = document.createElement("span");
    mark.textContent = clock.format(opening + minute * 60000);
    mark.style.setProperty("--at", minute);
    return mark;
  }));
  if (!scale.isConnected) list.prepend(scale);
}

function range(from, to, step) {
  return Array.from({ length: Math.ceil((to - from) / step) }, (_, number) => from + number * step);
}

function presentMinute() {
  return Math.floor((Date.now() - Date.parse(list.dataset.opening)) / 60000);
}

function showNow() {
  const minute = presentMinute();
  const from = Number(list.style.getPropertyValue("--from"));
  const inside = minute >= from && minute <= from + Number(list.style.getPropertyValue("--span"));
  list.classList.toggle("has-now", inside);
  if (inside) list.style.setProperty("--now", minute);
}

// Opened on a day that is under way, the present hour is in sight.
function showTheHour() {
  if (list.classList.contains("has-now")) bring(presentMinute(), 1 / 3);
}

// What one looks at when the scale changes: the middle of what is in sight, or the present hour when all of it is.
function inTheMiddle() {
  if (pane.scrollWidth <= pane.clientWidth && list.classList.contains("has-now")) return presentMinute();
  const { from, pace } = measure();
  return from + (pane.scrollLeft + pane.clientWidth / 2) / pace;
}

function bring(minute, share) {
  if (pane.scrollWidth <= pane.clientWidth) return;
  const { from, pace } = measure();
  pane.scrollLeft = Math.max(0, (minute - from) * pace - pane.clientWidth * share);
}

function measure() {
  return { from: Number(list.style.getPropertyValue("--from")), pace: Number(list.style.getPropertyValue("--pace")) };
}

// Arrows go along a route and to the nearest job of the next one.
function walk(event) {
  const stop = event.target.closest("a.stop");
  if (!stop) return;
  const ways = { right: () => beside(stop, 1), left: () => beside(stop, -1), down: () => across(stop, 1), up: () => across(stop, -1) };
  const next = ways[event.meant?.find((name) => name in ways)]?.();
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function beside(stop, step) {
  const stops = [...stop.closest(".stops").querySelectorAll("a.stop")];
  return stops[stops.indexOf(stop) + step];
}

function across(stop, step) {
  const routes = [...list.querySelectorAll(".route:not([hidden])")];
  let at = routes.indexOf(stop.closest(".route")) + step;
  while (routes[at] && !routes[at].querySelector("a.stop")) at += step;
  const near = (other) => Math.abs(other.dataset.start - stop.dataset.start);
  return [...(routes[at]?.querySelectorAll("a.stop") ?? [])].sort((a, b) => near(a) - near(b))[0];
}
