// The keyboard.
//   data-shortcut="alt+o"    presses the button or link, or moves into the field; "mod" is Ctrl or ⌘; several stand apart.
//                            With a modifier, since single letters would fight with speech input; only "?" goes without,
//                            outside of fields and dialogs, and a reader may switch it off: [data-help-key].
//   #keys[data-keys]         the keys of the page by name: on a key press event.meant holds the names it has there
//   data-focus-key="job-7"   where the focus goes when what had it was swapped away (an id does the same)
const named = Object.entries(JSON.parse(document.getElementById("keys")?.dataset.keys ?? "{}"));
const HELP_KEY = "help-key";
let lost = null;

document.addEventListener("keydown", (event) => {
  event.meant = named.filter(([, keys]) => keys.some((one) => fits(one, event))).map(([name]) => name);
}, true);

document.addEventListener("keydown", (event) => {
  if (event.isComposing || !(event.altKey || event.ctrlKey || event.metaKey || asksForHelp(event))) return;
  const target = [...document.querySelectorAll("[data-shortcut]")].find((element) => element.dataset.shortcut.split(" ").some((one) => fits(one, event)));
  if (!target || target.disabled) return;
  event.preventDefault();
  if (target.matches("input:not([type=submit]), select, textarea")) target.focus();
  else target.click();
  if (target.matches("summary")) target.focus();
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-help-key]")) localStorage.setItem(HELP_KEY, event.target.checked ? "on" : "off");
});

document.addEventListener("htmx:afterSwap", () => {
  const choice = document.querySelector("[data-help-key]");
  if (!choice) return;
  choice.checked = localStorage.getItem(HELP_KEY) !== "off";
  choice.closest("[hidden]")?.removeAttribute("hidden");
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const active = document.activeElement;
  lost = event.detail.target?.contains(active) ? { key: active.id || active.dataset.focusKey, region: event.detail.target.id } : null;
});

document.addEventListener("htmx:afterSettle", () => {
  if (!lost || document.activeElement !== document.body) return;
  const region = document.getElementById(lost.region);
  const next = find(lost.key) ?? region?.querySelector("[autofocus]") ?? region;
  lost = null;
  if (next === region) region?.setAttribute("tabindex", "-1");
  next?.focus({ preventScroll: true });
});

function find(key) {
  return key ? document.getElementById(key) ?? document.querySelector(`[data-focus-key="${CSS.escape(key)}"]`) : null;
}

function fits(shortcut, event) {
  if (!event.key) return false; // a browser that fills in a form
  const keys = shortcut.toLowerCase().split("+");
  const key = keys.pop();
  const pressed = event.key.toLowerCase() === key || event.code.toLowerCase() === key || event.code === `Key${key.toUpperCase()}`;
  const shifted = event.shiftKey === keys.includes("shift") || /^[^a-z]$/.test(key); // where a sign needs it depends on the keyboard
  return pressed && shifted && event.altKey === keys.includes("alt") && (event.ctrlKey || event.metaKey) === keys.includes("mod");
}

function asksForHelp(event) {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable], dialog[open]");
  return event.key === "?" && !typing && localStorage.getItem(HELP_KEY) !== "off";
}
