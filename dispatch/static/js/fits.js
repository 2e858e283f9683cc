// What of a block's times has room on it: a whole time or none of it, never half a figure. What has none is still its name.
const [EDGES, ICON, TIME, EXPECTED, TRAVEL] = [13, 14, 39, 54, 76]; // pixels at 16 a rem

export function fit(stop, width) {
  const scale = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  const expected = stop.querySelector(".stop-when > .is-warn");
  const room = width / scale - EDGES - stop.querySelectorAll(".stop-when .end .icon").length * ICON;
  const late = Boolean(expected) && room >= EXPECTED;
  stop.classList.toggle("no-expected", Boolean(expected) && !late);
  stop.classList.toggle("no-time", room < TIME + (late ? EXPECTED : 0));
  stop.classList.toggle("no-travel", width / scale < TRAVEL);
}
