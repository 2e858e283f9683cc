// Says so, without moving anything, while live updates or the network are away for longer than a blink; begins the
// stream anew as soon as there is a network again, since the old one may be dead without anybody having noticed.
const note = document.getElementById("connection-lost");
const PATIENCE_MS = 3000;
let timer = null;
let stream = null;

htmx.createEventSource = (address) => (stream = new EventSource(address, { withCredentials: true }));

for (const name of ["htmx:sseError", "offline"]) addEventListener(name, away);
addEventListener("htmx:sseOpen", back);
addEventListener("online", () => { if (stream) reopen(); else back(); });

function away() {
  timer ??= setTimeout(() => { note.hidden = false; }, PATIENCE_MS);
}

function back() {
  clearTimeout(timer);
  timer = null;
  note.hidden = true;
}

// The extension opens another one for a stream that has ended, and hears from there what was missed; once for each.
function reopen() {
  if (stream.readyState === EventSource.CLOSED) return;
  stream.close();
  stream.dispatchEvent(new Event("error"));
}
