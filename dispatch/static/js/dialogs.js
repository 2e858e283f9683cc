// Native dialogs.
//   data-dialog-open="id"   opens that dialog          data-dialog-close   closes the one around it
//   hx-target="#sheet"      the answer opens in the sheet; HX-Trigger: close-dialog closes it
//   data-confirm="question" on a form or its button asks first; data-confirm-label names the yes
const sheet = document.getElementById("sheet");
const confirmation = document.getElementById("confirm");

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog-open]");
  if (opener) document.getElementById(opener.dataset.dialogOpen).showModal();
  if (event.target.closest("[data-dialog-close]") || isBackdrop(event)) event.target.closest("dialog").close();
});

// An answer that comes when the reader has gone on to something else does not cover it.
document.addEventListener("htmx:beforeSwap", (event) => {
  const asker = event.detail.requestConfig.elt;
  if (event.detail.target !== sheet || !asker.id || asker.isConnected) return;
  const there = document.getElementById(asker.id)?.getAttribute("hx-get");
  if (there !== asker.getAttribute("hx-get")) event.detail.shouldSwap = false;
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target === sheet && sheet.childElementCount && !sheet.open) sheet.showModal();
});

document.addEventListener("close-dialog", () => {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
});

// While capturing, so that the question comes before htmx sends the form.
document.addEventListener("submit", (event) => {
  const asker = [event.submitter, event.target].find((element) => element?.dataset.confirm);
  if (!asker || asker.dataset.confirmed) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  ask(asker.dataset.confirm, asker.dataset.confirmLabel).then((yes) => {
    if (!yes) return;
    asker.dataset.confirmed = "yes";
    event.target.requestSubmit(event.submitter);
    delete asker.dataset.confirmed;
  });
}, true);

document.addEventListener("htmx:confirm", (event) => {
  if (!event.detail.question) return;
  event.preventDefault();
  ask(event.detail.question, event.detail.elt.dataset.confirmLabel).then((yes) => {
    if (yes) event.detail.issueRequest(true);
  });
});

function isBackdrop(event) {
  if (event.target.nodeName !== "DIALOG") return false;
  const box = event.target.getBoundingClientRect();
  return event.clientY < box.top || event.clientY > box.bottom || event.clientX < box.left || event.clientX > box.right;
}

function ask(question, label) {
  const yes = confirmation.querySelector("[value=yes]");
  confirmation.querySelector("h2").textContent = question;
  yes.textContent = label || yes.dataset.default;
  confirmation.returnValue = "no";
  confirmation.showModal();
  return new Promise((resolve) => {
    confirmation.addEventListener("close", () => resolve(confirmation.returnValue === "yes"), { once: true });
  });
}
