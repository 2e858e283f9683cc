// Every tap goes through the queue, with signal or without: it is on the disk first, shown, and then sent. Where the
// phone can keep nothing (a private window, a full disk) the forms are sent as they are without scripts.
import { deviceOf, add } from "./queue.js";
import { drawnIn } from "./signature.js";

const ADDRESS = /^\/jobs\/(?:(INT-\d+)\/(transitions|notes|words|finds)|(sightings|presence))$/;
const SHEET = /^\/jobs\/(INT-\d+)\/(reasons|more|completion)$/;
const KINDS = { transitions: "transition", notes: "note", words: "word", finds: "found" };
const OF_THE_PAGE = ["csrf_token", "key", "based_on", "back", "day"];
const words = document.getElementById("phone").dataset;
// the second of two taps in a row is meant for the button that was there before
const TWICE_MS = 500;
let lastAt = -TWICE_MS;

// `standing()` gives what is carried and where every job stands; `done(entry)` is called when a tap is kept.
export function listen({ standing, done }) {
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".act, [data-taps]") || event.detail === 0) return; // no finger: a keyboard, or a script
    const isTwice = event.timeStamp - lastAt < TWICE_MS;
    lastAt = event.timeStamp;
    if (!isTwice) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);

  document.addEventListener("submit", (event) => {
    const found = ADDRESS.exec(pathOf(event.target.getAttribute("action")));
    const { carry, device } = standing();
    if (!found || !device || event.target.dataset.direct) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.target.dataset.taken) return; // a second tap before the first has changed the page
    event.target.dataset.taken = "yes";
    const tap = read(found, event.target, event.submitter, carry);
    keep(event.target, device, tap).then(() => kept(event.target, tap, done), () => sendDirectly(event.target, event.submitter));
  }, true);

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("a[hx-get]");
    const page = opener && sheetOf(opener, standing());
    if (!page) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    openSheet(page);
  }, true);

  // a call that is noted when its link is followed
  document.addEventListener("click", (event) => {
    const call = event.target.closest("[data-taps]");
    if (call) document.getElementById(call.dataset.taps).requestSubmit();
  });
}

export async function knownDevice(person) {
  return (await deviceOf(person))?.device;
}

function read([, job, what, whole], form, submitter, carry) {
  const typed = new FormData(form, submitter);
  const says = submitter?.textContent.trim() || form.querySelector("button")?.textContent.trim() || "";
  if (whole === "presence") {
    const body = Object.fromEntries([...typed].filter(([name]) => !OF_THE_PAGE.includes(name)));
    return { job: null, kind: "presence", based_on: null, body, says: [form.dataset.says, says].filter(Boolean).join(" · ") };
  }
  if (whole) {
    const body = { jobs: typed.getAll("job"), withdrawn: typed.getAll("withdrawn").map(Number), until: typed.get("until") };
    return { job: null, kind: "seen", based_on: null, body, says: words.seen };
  }
  const said = [...typed].filter(([name, value]) => !OF_THE_PAGE.includes(name) && value.trim());
  const body = Object.fromEntries(said);
  const based_on = Math.max(Number(typed.get("based_on")), carry?.jobs[job]?.version ?? 0);
  const told = what === "notes" ? `${words.note} : ${body.note}` : [says, body.summary ?? body.note].filter(Boolean).join(" · ");
  return { job, kind: KINDS[what], based_on, body, says: told };
}

// A signature comes before the tap that it goes with.
async function keep(form, device, tap) {
  const drawn = await drawnIn(form, tap);
  if (drawn) await add(device, drawn.action, drawn.file);
  await add(device, tap);
}

function kept(form, tap, done) {
  if (tap.kind === "seen") form.remove();
  if ("closes" in form.dataset) form.closest("[data-said]").remove();
  done(tap);
}

function sendDirectly(form, submitter) {
  form.dataset.direct = "yes";
  delete form.dataset.taken;
  form.requestSubmit(submitter);
}

// The sheet that is carried for the state which is on the screen; else it is fetched.
function sheetOf(opener, { carry, stands, device }) {
  const found = SHEET.exec(pathOf(opener.getAttribute("hx-get")));
  if (!found || !device) return null;
  const [, number, name] = found;
  const shown = opener.closest("[data-state]")?.dataset.state;
  const state = stands[number]?.state;
  return state && shown === state ? carry.jobs[number].sheets[name][state] : null;
}

function openSheet(page) {
  const sheet = document.getElementById("sheet");
  sheet.innerHTML = page;
  for (const stale of sheet.querySelectorAll("input[value=undone]")) stale.form.remove();
  htmx.process(sheet);
  if (!sheet.open) sheet.showModal();
}

function pathOf(address) {
  return address ? new URL(address, location.href).pathname : "";
}
