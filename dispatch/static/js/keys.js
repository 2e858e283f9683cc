// The keyboard.
//   data-shortcut="alt+o"    presses the button or link, or moves into the field; "mod" is Ctrl or ⌘.
//                            Always with a modifier: single letters would fight with speech input.
//   data-focus-key="job-7"   where the focus goes when what had it was swapped away (an id does the same)
let lost = null;

document.addEventListener("keydown", (event) => {
  if (event.isComposing || !(event.altKey || event.ctrlKey || event.metaKey)) return;
  const target = [...document.querySelectorAll("[data-shortcut]")].find((element) => fits(element.dataset.shortcut, event));
  if (!target || target.disabled) return;
  event.preventDefault();
  if (target.matches("input:not([type=submit]), select, textarea")) target.focus();
  else target.click();
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
  const keys = shortcut.toLowerCase().split("+");
  const key = keys.pop();
  const pressed = event.key.toLowerCase() === key || event.code === `Key${key.toUpperCase()}`;
  return pressed && event.altKey === keys.includes("alt") && (event.ctrlKey || event.metaKey) === keys.includes("mod");
}
