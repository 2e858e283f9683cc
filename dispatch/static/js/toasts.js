// Passing messages. The server adds them by an out-of-band swap into #toasts or by the header
// HX-Trigger: {"toast": {"text": "…", "tone": "ok"}}, a script by the event "toast"; failures of a request show here by themselves.
// A message goes by itself, but not one that tells of an error, and none that is being read.
const region = document.getElementById("toasts");
const template = document.getElementById("toast-template");
const READING_MS = 7000;
const SYMBOLS = { danger: "x-circle", warn: "warning", ok: "check" };

new MutationObserver((changes) => {
  for (const change of changes) for (const node of change.addedNodes) if (node.matches?.(".toast")) leaveLater(node);
}).observe(region, { childList: true });

region.addEventListener("click", (event) => {
  if (event.target.closest("[data-dismiss]")) event.target.closest(".toast").remove();
});

document.addEventListener("toast", (event) => toast(event.detail.text, event.detail.tone));
document.addEventListener("htmx:sendError", () => toast(region.dataset.offline, "danger"));
document.addEventListener("htmx:timeout", () => toast(region.dataset.offline, "danger"));
document.addEventListener("htmx:responseError", (event) => toast(reason(event.detail.xhr), "danger"));

function toast(text, tone = "info") {
  const item = template.content.firstElementChild.cloneNode(true);
  item.className = `toast ${tone}`;
  item.querySelector(".toast-text").textContent = text;
  const use = item.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace("#info", `#${SYMBOLS[tone] ?? "info"}`));
  region.append(item);
}

function leaveLater(item) {
  if (item.matches(".danger")) return;
  setTimeout(() => {
    if (item.matches(":hover, :focus-within")) leaveLater(item);
    else item.remove();
  }, READING_MS);
}

// A short plain-text answer is a sentence for the user; anything else is told by its status.
function reason(xhr) {
  const isSentence = xhr.getResponseHeader("Content-Type")?.startsWith("text/plain") && xhr.responseText.length < 400;
  if (isSentence && xhr.responseText) return xhr.responseText;
  const words = { 400: "refused", 401: "signedOut", 403: "forbidden", 404: "gone", 410: "gone", 413: "tooLarge", 429: "busy" };
  return region.dataset[words[xhr.status] ?? "broken"];
}
