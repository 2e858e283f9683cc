// What a browser does not say of a text field. That it is full: what is beyond maxlength is left out without a word, above
// all of what is pasted. That it holds nothing but blanks, which are no answer where one is required.
const { blank, full } = document.getElementById("toasts").dataset;

document.addEventListener("input", ({ target: field }) => {
  if (field.required && isText(field)) field.setCustomValidity("");
  if (!(field.maxLength > 0)) return;
  const isFull = field.value.length >= field.maxLength;
  const note = noteOf(field);
  if (isFull === Boolean(note)) return;
  if (note) note.remove();
  else field.after(told(field));
});

// Before anything is sent, asked or queued.
document.addEventListener("submit", (event) => {
  if (event.target.noValidate || event.submitter?.formNoValidate) return;
  const found = [...event.target.elements].find((field) => field.required && isText(field) && !field.value.trim());
  if (!found) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  found.setCustomValidity(blank);
  found.reportValidity();
}, true);

function isText(field) {
  return field.matches("textarea, input:is([type=text], [type=search], [type=tel], :not([type]))");
}

function noteOf(field) {
  const next = field.nextElementSibling;
  return next?.matches("[data-full-note]") ? next : null;
}

function told(field) {
  const note = document.createElement("p");
  note.className = "hint is-warn";
  note.dataset.fullNote = "";
  note.setAttribute("role", "alert");
  note.textContent = full.replace("{count}", field.maxLength.toLocaleString(document.documentElement.lang));
  return note;
}
