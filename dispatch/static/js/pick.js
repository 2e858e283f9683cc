// A list to choose from, kept to the names that hold what is typed; who is chosen stays in sight.
//   [data-pick] around it   [data-pick-text] the field   [data-pick-name] each one
document.addEventListener("input", (event) => {
  if (event.target.closest("[data-pick]")) sift(event.target.closest("[data-pick]"));
});

// Enter in the field chooses the only one left, and never sends the form.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("[data-pick-text]")) return;
  event.preventDefault();
  const left = [...event.target.closest("[data-pick]").querySelectorAll("[data-pick-name]")].filter(matches);
  if (left.length === 1) left[0].querySelector("input").click();
});

function sift(list) {
  for (const one of list.querySelectorAll("[data-pick-name]")) one.hidden = !matches(one) && !one.querySelector("input").checked;
}

function matches(one) {
  const typed = plain(one.closest("[data-pick]").querySelector("[data-pick-text]").value);
  return plain(one.dataset.pickName).includes(typed);
}

function plain(text) {
  return text.trim().toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
}
