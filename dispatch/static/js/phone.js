// The technician's phone, beyond what every page can do:
//   data-taps="id"        a link that, when followed, also sends the form with that id (a call that is noted)
//   data-lost="sentence"  around a stream: while it is lost the page says so in #sync, and dims
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-taps]");
  if (link) document.getElementById(link.dataset.taps).requestSubmit();
});

document.addEventListener("htmx:sseError", (event) => {
  const sync = document.getElementById("sync");
  sync.textContent = event.target.dataset.lost;
  sync.classList.add("pending");
});

document.addEventListener("htmx:sseOpen", () => document.getElementById("sync").classList.remove("pending"));

// Coming back to the page after a while in the pocket: look again at once.
document.addEventListener("visibilitychange", () => {
  const shown = document.getElementById("day") || document.getElementById("job");
  if (document.visibilityState === "visible" && shown) htmx.trigger(shown, "sse:job");
});
