// A field that is full says so: browsers leave out what is beyond maxlength without a word, above all of what is pasted.
const { full } = document.getElementById("toasts").dataset;

document.addEventListener("input", ({ target: field }) => {
  if (!(field.maxLength > 0)) return;
  const isFull = field.value.length >= field.maxLength;
  const note = noteOf(field);
  if (isFull === Boolean(note)) return;
  if (note) note.remove();
  else field.after(told(field));
});

function noteOf(field) {
  const next = field.nextElementSibling;
  return next?.matches("[data-full-note]") ? next : null;
}

function told(field) {
  const note = document.createElement("p");
  note.className = "hint is-warn";
  note.dataset.fullNote = "";
  note.setAttribute("role", "alert");
  note.textContent = full.replace("0", field.maxLength.toLocaleString(document.documentElement.lang));
  return note;
}
