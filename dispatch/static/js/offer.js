// What there is at a place of the map: "offer" on document opens the list beside it; whatever is chosen there is
// pressed where it stands on the board, so that it does there what it always does.
//   detail: { title, items: [{ id, symbol, what, who }], from: the button }
const panel = document.getElementById("map-offer");
let asked = ""; // the place, by which it is found again when the map was drawn anew meanwhile

if (panel) {
  document.addEventListener("offer", ({ detail }) => open(detail));
  panel.addEventListener("click", (event) => choose(event.target.closest("button")));
  panel.addEventListener("keydown", walk);
  panel.addEventListener("toggle", ({ newState }) => {
    if (newState === "closed" && document.activeElement === document.body) document.querySelector(`[data-spot="${asked}"]`)?.focus();
  });
}

function open({ title, items, from }) {
  asked = from.dataset.spot;
  const name = element("p", "map-offer-title", title);
  const entries = document.createElement("ul");
  entries.setAttribute("aria-label", title);
  entries.append(...items.map(entry));
  panel.replaceChildren(name, entries);
  panel.showPopover();
  place(from.getBoundingClientRect());
  entries.querySelector("button").focus();
}

function entry({ id, symbol, what, who }) {
  const button = element("button", "menu-item");
  button.type = "button";
  button.dataset.press = id;
  const words = element("span", "cut");
  words.append(element("span", "map-offer-what", what), element("span", "map-offer-who", who));
  button.append(symbol, words);
  const item = document.createElement("li");
  item.append(button);
  return item;
}

function place(at) {
  const { offsetWidth: width, offsetHeight: height } = panel;
  panel.style.left = `${Math.max(8, Math.min(at.left + at.width / 2 - width / 2, innerWidth - width - 8))}px`;
  panel.style.top = `${at.bottom + height + 12 < innerHeight ? at.bottom + 6 : Math.max(8, at.top - height - 6)}px`;
}

function choose(button) {
  if (!button) return;
  panel.hidePopover();
  document.getElementById(button.dataset.press)?.click();
}

function walk(event) {
  const ways = { down: 1, up: -1 };
  const step = ways[event.meant?.find((name) => name in ways)];
  if (!step) return;
  event.preventDefault();
  const buttons = [...panel.querySelectorAll("button")];
  buttons.at((buttons.indexOf(document.activeElement) + step) % buttons.length).focus();
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}
