// The page that opens without signal: filled from what the phone carries, and live again when there is signal.
import { piece } from "./compose.js";
import { showAge } from "./outbox.js";

const live = document.getElementById("live");
export const isShell = live?.dataset.shell !== undefined;

// Whether there is anything to show for this address.
export function draw(carry) {
  if (!isShell) return true;
  const found = carry && pieceFor(carry);
  live.replaceChildren(found ? piece(found.html) : absent(carry));
  if (found?.isJob) for (const link of live.querySelectorAll(".next-job-title a")) link.replaceWith(...link.childNodes); // it leads here
  document.getElementById("back").hidden = !found?.isJob;
  if (found) document.getElementById("heading").textContent = found.title;
  if (carry) showAge(carry.made_at, carry.zone);
  document.getElementById("menu").replaceChildren(...(carry?.menu ? [piece(carry.menu)] : []));
  for (const field of document.querySelectorAll("#live input[name=csrf_token], #menu input[name=csrf_token]")) field.value = carry.token;
  htmx.process(live);
  return Boolean(found);
}

// With signal the page listens like any other, from where the carried pieces end; whether it does from now on.
export function comeAlive(carry) {
  if (!isShell || !carry || live.hasAttribute("sse-connect")) return false;
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": carry.token }));
  live.setAttribute("sse-connect", `/live?after=${carry.cursor}`);
  htmx.process(live);
  return true;
}

function pieceFor(carry) {
  const number = /^\/jobs\/(INT-\d+)$/.exec(location.pathname)?.[1];
  if (number) {
    const job = carry.jobs[number];
    return job && { html: job.page, title: number, isJob: true };
  }
  return carry.days[new URLSearchParams(location.search).get("day") ?? carry.today];
}

function absent(carry) {
  return document.getElementById(carry ? "absent-template" : "bare-template").content.cloneNode(true);
}
