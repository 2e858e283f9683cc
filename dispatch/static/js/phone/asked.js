// What a sheet needs, said beside the field before anything is queued, with what was typed still there. A time for the next
// visit and the day a part comes lie ahead, at the place's time whatever zone the phone is set to; a skill is chosen. More
// of a part than he carries is said once: pressed again it counts, since what was used was used.
export function listen() {
  document.addEventListener("submit", (event) => {
    const wrong = wrongIn(event.target, event.submitter);
    if (!wrong.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    for (const box of wrong) complain(box, true);
    fieldsOf(wrong[0])[0].focus();
  }, true);
  document.addEventListener("input", ({ target }) => {
    const box = target.closest("[data-asked]");
    if (box) complain(box, false);
  });
}

// Without a follow-up, which names its button, nobody asks for a time.
function wrongIn(form, submitter) {
  return [...form.querySelectorAll("[data-asked]")].filter((box) => (box.dataset.asked ? isOver(box) : submitter?.name && isWrong(box)));
}

// One field is a day that is not over, or a choice; two are the beginning and the end of a time, not further away than can be promised.
function isWrong(box) {
  const [first, last] = fieldsOf(box).map((field) => field.value);
  const { zone, days } = box.dataset;
  if (!zone) return !first;
  if (last === undefined) return first && first < told(0, zone).slice(0, first.length);
  return (first || last) && !(first && first < last && last > told(0, zone) && last < told(days, zone));
}

function isOver(box) {
  const [{ value }] = fieldsOf(box);
  const isNew = box.dataset.told !== value;
  box.dataset.told = value;
  return isNew && Number(value) > Number(box.dataset.asked);
}

function complain(box, isOn) {
  box.querySelector("[data-asked-error]").hidden = !isOn;
  if (!box.dataset.asked) for (const field of fieldsOf(box)) field.setAttribute("aria-invalid", isOn);
  if (isOn && box.parentElement.matches("details")) box.parentElement.open = true;
}

function fieldsOf(box) {
  return [...box.querySelectorAll("input, select")];
}

// So many days from now as a field of that zone would have it: 2026-11-27T10:05.
function told(days, timeZone) {
  return new Date(Date.now() + days * 86_400_000).toLocaleString("sv-SE", { timeZone }).replace(" ", "T").slice(0, 16);
}
