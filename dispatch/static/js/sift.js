// Finding work on the board: what does not match is dimmed, so that nobody loses the day from sight.
//   [data-sift="text|client|place|skill|priority|state"]   [data-sift-clear]
// Technicians without the skill asked for, or without a match, step aside. "sifted" on document: it has been done.
const list = document.getElementById("route-list");
const tools = document.getElementById("board-tools");
const decisions = document.getElementById("decisions")?.parentElement;
const told = document.getElementById("sifted");

if (list) {
  tools.addEventListener("input", sift);
  tools.addEventListener("change", sift);
  tools.querySelector("[data-sift-clear]").addEventListener("click", clear);
  tools.addEventListener("keydown", (event) => {
    if (event.meant?.includes("leave") && event.target.matches("[data-sift]")) clear();
  });
  const observer = new MutationObserver(() => asked() && sift());
  observer.observe(list, { childList: true });
  observer.observe(decisions, { childList: true });
}

function values() {
  const found = [...tools.querySelectorAll("[data-sift]")].map((field) => [field.dataset.sift, field.value.trim()]);
  return Object.fromEntries(found.filter(([, value]) => value));
}

function asked() {
  return Object.keys(values()).length > 0;
}

function clear() {
  for (const field of tools.querySelectorAll("[data-sift]")) field.value = "";
  sift();
  document.getElementById("sift-text").focus();
}

function sift() {
  const wanted = values();
  const active = asked();
  const { skill, ...ofStop } = wanted;
  const byStop = Object.keys(ofStop).length > 0;
  let count = 0;
  for (const route of list.querySelectorAll(":scope > .route")) {
    const able = !skill || route.dataset.skills.split("|").includes(skill);
    const name = plain(route.querySelector(".route-name").textContent);
    let matches = 0;
    for (const stop of route.querySelectorAll("a.stop")) {
      const fits = able && matchesAll(stop, ofStop, name);
      stop.classList.toggle("dim", active && !fits);
      matches += fits ? 1 : 0;
    }
    const named = !!ofStop.text && Object.keys(ofStop).length === 1 && name.includes(plain(ofStop.text));
    route.hidden = !able || (byStop && !matches && !named);
    count += matches;
  }
  for (const item of decisions.querySelectorAll(".decision")) {
    const fits = matchesAll(item, ofStop, "");
    item.classList.toggle("dim", active && !fits);
    count += byStop && fits && !document.getElementById(`stop-${item.dataset.number}`) ? 1 : 0;
  }
  tools.querySelector("[data-sift-clear]").hidden = !active;
  told.textContent = active ? sentence(count) : "";
  document.dispatchEvent(new Event("sifted"));
}

function matchesAll(stop, wanted, name) {
  return Object.entries(wanted).every(([key, value]) => {
    if (key !== "text") return stop.dataset[key] === value;
    const words = plain(`${stop.id.replace(/^[a-z]+-/, "")} ${stop.textContent} ${stop.dataset.client} ${stop.dataset.place} ${name}`);
    return plain(value).split(/\s+/).every((word) => words.includes(word));
  });
}

function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

function sentence(count) {
  if (!count) return told.dataset.none;
  return count === 1 ? told.dataset.one : told.dataset.many.replace("#", count);
}
