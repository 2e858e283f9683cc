// Which changes of a proposal are accepted.
//   data-choose="all"|"none"|ID   ticks all, none, or everything of that technician (and unticks it when all of it is)
//   data-people="3 7"             on a tick: whose days the change touches
//   data-chosen-all, -part        what the button says then; {count} and {all} are numbers
const ticks = [...document.querySelectorAll("input[data-people]")];
const said = document.querySelector("[data-chosen-all]");
const choosers = [...document.querySelectorAll("[data-choose]")];

for (const chooser of choosers) chooser.addEventListener("click", () => choose(chooser.dataset.choose));
for (const tick of ticks) tick.addEventListener("change", tell);
addEventListener("pageshow", tell);
tell();

function choose(what) {
  const mine = ["all", "none"].includes(what) ? ticks : of(what);
  const on = what === "all" || (what !== "none" && mine.some((tick) => !tick.checked));
  for (const tick of mine) tick.checked = on;
  tell();
}

function of(person) {
  return ticks.filter((tick) => tick.dataset.people.split(" ").includes(person));
}

function tell() {
  if (!said) return;
  const count = ticks.filter((tick) => tick.checked).length;
  const words = count === ticks.length ? said.dataset.chosenAll : said.dataset.chosenPart;
  said.textContent = words.replace("{count}", count).replace("{all}", ticks.length);
  said.closest("button").disabled = count === 0;
  for (const chooser of choosers) {
    if (!chooser.hasAttribute("aria-pressed")) continue;
    chooser.setAttribute("aria-pressed", String(of(chooser.dataset.choose).every((tick) => tick.checked)));
  }
}
