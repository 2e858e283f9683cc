// Says so, without moving anything, while live updates or the network are away for longer than a blink.
const note = document.getElementById("connection-lost");
const PATIENCE_MS = 3000;
let timer = null;

for (const name of ["htmx:sseError", "offline"]) addEventListener(name, away);
for (const name of ["htmx:sseOpen", "online"]) addEventListener(name, back);

function away() {
  timer ??= setTimeout(() => { note.hidden = false; }, PATIENCE_MS);
}

function back() {
  clearTimeout(timer);
  timer = null;
  note.hidden = true;
}
