// What only the server can answer says so where it was asked for, instead of doing nothing without a signal.
export function listen() {
  document.addEventListener("htmx:beforeRequest", (event) => {
    const asked = askedBy(event);
    if (!asked) return;
    tell(asked, !navigator.onLine);
    if (!navigator.onLine) event.preventDefault();
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => {
      const asked = askedBy(event);
      if (!asked) return;
      tell(asked, true);
      event.stopImmediatePropagation(); // said here, and not once more below
    }, true);
  }
}

function askedBy(event) {
  return event.detail.elt.closest("[data-needs-signal]");
}

function tell(asked, isLost) {
  document.getElementById(asked.dataset.needsSignal).hidden = !isLost;
}
