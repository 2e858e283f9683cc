// The handover form by keyboard: arrows and Enter in the suggestions under the name (ARIA combobox),
// the first question that is still open gets the focus, and files that are too large are told before anything is sent.
document.addEventListener("keydown", (event) => {
  const input = event.target.closest?.("[role=combobox]");
  if (!input) return;
  const options = [...listOf(input).querySelectorAll("[role=option]")];
  const current = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "Escape") close(input);
  else if (event.key === "Enter" && current >= 0) options[current].click();
  else if (options.length && event.key === "ArrowDown") select(input, options, (current + 1) % options.length);
  else if (options.length && event.key === "ArrowUp") select(input, options, (current + options.length) % (options.length + 1) - 1);
  else return;
  event.preventDefault();
});

// Only what has settled answers to Enter.
document.addEventListener("htmx:afterSettle", (event) => {
  const input = document.querySelector("[role=combobox]");
  if (input && event.target.id !== "caller") input.setAttribute("aria-expanded", String(!listOf(input).hidden));
});

document.addEventListener("htmx:afterSettle", (event) => {
  const open = event.target.id === "handover" && event.target.querySelector("[aria-invalid=true]");
  if (open) (open.matches("input, select, textarea") ? open : open.querySelector("input")).focus();
});

document.addEventListener("focusout", (event) => {
  const input = event.target.closest?.("[role=combobox]");
  if (input) setTimeout(() => { if (document.activeElement !== input) close(input); }, 200);
});

document.addEventListener("change", (event) => {
  const files = event.target.closest?.("[data-most-bytes]");
  if (!files) return;
  const bytes = [...files.files].reduce((sum, file) => sum + file.size, 0);
  files.setCustomValidity(bytes > Number(files.dataset.mostBytes) * 0.95 ? files.dataset.tooLarge : "");
  if (!files.reportValidity()) files.value = "";
});

function select(input, options, index) {
  for (const [place, option] of options.entries()) option.setAttribute("aria-selected", String(place === index));
  if (index < 0) return input.removeAttribute("aria-activedescendant");
  input.setAttribute("aria-activedescendant", options[index].id);
  options[index].scrollIntoView({ block: "nearest" });
}

function close(input) {
  listOf(input).hidden = true;
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

function listOf(input) {
  return document.getElementById(input.getAttribute("aria-controls"));
}
