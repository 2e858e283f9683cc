// Where he is once everything that waits has been done: in a pause, at a kiosk, gone. Which tap leads where, and the
// pieces of every state, come with what is carried; no rule is known here.
export function presenceAfter(carry, waiting) {
  if (!carry?.presence) return null;
  const { stack, leads, begins } = carry.presence;
  let now = [...stack];
  let at = null;
  for (const { kind, body, at: when } of waiting) {
    const [ends, begun] = (kind === "presence" && leads[body.say]) || (kind === "transition" && begins[body.to] && [begins[body.to], null]) || [];
    if (!ends || (kind === "transition" && !ends.some((one) => now.includes(one)))) continue;
    now = now.filter((one) => !ends.includes(one));
    if (begun) now.push(begun);
    at = when;
  }
  return { state: now.at(-1) ?? "free", at };
}

export function composePresence(carry, presence, stands) {
  const day = document.getElementById("day");
  if (!presence || day?.dataset.day !== carry.today) return;
  const top = day.querySelector("[data-presence=top]");
  const bottom = day.querySelector("[data-presence=bottom]");
  const drawn = `${presence.state} ${presence.at}`;
  const isBare = bottom && !top.children.length && !bottom.children.length; // as it is carried
  if (bottom && (presence.at || isBare) && top.dataset.drawn !== drawn) {
    top.innerHTML = carry.presence.tops[presence.state];
    bottom.innerHTML = carry.presence.choices[presence.state].map((name) => carry.presence.pieces[name]).join("");
    top.dataset.drawn = drawn;
    for (const part of [top, bottom]) htmx.process(part);
    if (presence.at) dress(top, carry, presence);
  }
  if (bottom) showWhatIsLeft(bottom, carry, stands);
  const takes = day.querySelector("#take-one");
  if (takes) takes.hidden = !carry.presence.choices[presence.state].length; // who has gone takes nothing
}

// Since when, and that it waits to be sent.
function dress(top, carry, { at }) {
  const since = top.querySelector("[data-since]");
  const time = new Date(at).toLocaleTimeString(document.documentElement.lang, { timeZone: carry.zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  if (since) since.textContent = since.dataset.since.replace("{time}", time);
  top.append(document.getElementById("waiting-template").content.firstElementChild.cloneNode(true));
}

// What he has begun or ended since it was drawn is not left over; what is under way keeps him.
function showWhatIsLeft(bottom, carry, stands) {
  const { left, busy } = carry.presence;
  const isAnyIn = (states) => Object.values(stands).some((stand) => states.split(" ").includes(stand.state));
  for (const part of bottom.querySelectorAll("[data-while]")) part.hidden = !isAnyIn(part.dataset.while);
  for (const part of bottom.querySelectorAll("[data-unless]")) part.hidden = isAnyIn(part.dataset.unless);
  const list = [...bottom.querySelectorAll("[data-left]")];
  if (!bottom.querySelector("[data-busy]")) return;
  for (const item of list) item.hidden = item.dataset.left in stands && !left.includes(stands[item.dataset.left].state);
  const isBusy = Object.values(stands).some((stand) => busy.includes(stand.state));
  const isAny = list.some((item) => !item.hidden);
  bottom.querySelector("[data-busy]").hidden = !isBusy;
  bottom.querySelector("[data-free]").hidden = isBusy;
  bottom.querySelector("[data-some]").hidden = !isAny;
  bottom.querySelector("[data-none]").hidden = isAny;
}
