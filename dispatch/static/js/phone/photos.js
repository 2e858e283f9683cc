// Photos of a job: made small here, which also leaves out where and with what they were taken, then put in the queue.
// What waits there is shown in every sheet of the job, and can be taken back until it is sent: see isChosenNow.
import { digestOf } from "./files.js";
import { add, fileOf, onChange, waiting, withdraw } from "./queue.js";

const LONGEST = 1600;
const THUMB = 192;
const MOST = 12;
let drawing = Promise.resolve();

// `standing()` gives the device and where jobs stand; `done()` is called when a photo is kept, taken back or may be sent.
export function listen({ standing, done }) {
  const sheet = document.getElementById("sheet");
  document.addEventListener("change", async (event) => {
    const box = event.target.type === "file" && event.target.closest("[data-photos]");
    if (!box) return;
    const files = [...event.target.files];
    event.target.value = "";
    tell(box, "");
    for (const file of files) if (await take(box, file, standing())) done();
  });
  document.addEventListener("click", (event) => {
    const item = event.target.closest("[data-take-back]")?.closest("li");
    if (item) takeBack(item).then(done);
  });
  new MutationObserver(draw).observe(sheet, { childList: true });
  sheet.addEventListener("close", () => { if (sheet.querySelector(".photo-list > li")) done(); });
  onChange(draw);
  draw();
}

async function take(box, file, { carry, device }) {
  const job = box.dataset.photos;
  if (Math.max(listOf(box).childElementCount, (await photosOf(job)).length) >= MOST) return tell(box, box.dataset.full);
  let small;
  try {
    const canvas = await shrunk(file, LONGEST);
    small = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.82));
  } catch {
    return tell(box, box.dataset.broken);
  }
  const body = { sha256: await digestOf(small), size: small.size };
  await add(device, { job, kind: "photo", based_on: carry?.jobs[job]?.version ?? null, body, says: box.dataset.says }, small);
  await draw();
  return true;
}

async function takeBack(item) {
  const box = item.closest("[data-photos]");
  const { back, lateTitle, late } = box.dataset;
  const next = (item.nextElementSibling ?? item.previousElementSibling)?.querySelector("button") ?? box.querySelector("input");
  await withdraw(item.dataset.key, { says: back, late: { title: lateTitle, detail: late } });
  next.focus();
}

// One after the other: two drawings at once would show a photo twice.
function draw() {
  drawing = drawing.then(async () => {
    for (const box of document.querySelectorAll("[data-photos]")) await fill(box);
  }).catch(() => {}); // a phone without a memory has nothing to show
  return drawing;
}

async function fill(box) {
  const list = listOf(box);
  const entries = await waiting();
  const photos = entries.filter((entry) => entry.job === box.dataset.photos && entry.kind === "photo");
  for (const item of [...list.children]) {
    if (photos.some((entry) => entry.key === item.dataset.key)) continue;
    if (entries.some((entry) => entry.key === item.dataset.key)) item.remove(); // taken back
    else settle(item);
  }
  for (const { key } of photos) if (![...list.children].some((item) => item.dataset.key === key)) list.append(await itemOf(box, key));
  [...list.children].forEach((item, place) => name(item, box, place + 1));
  box.querySelector("[data-kept]").hidden = !photos.length;
}

// What has left the phone stays in sight as long as the sheet does, with nothing to press.
function settle(item) {
  item.querySelector("button").hidden = true;
  item.querySelector("[data-sent]").hidden = false;
}

async function itemOf(box, key) {
  const item = box.querySelector("template").content.firstElementChild.cloneNode(true);
  item.dataset.key = key;
  const thumb = await shrunk(await fileOf(key), THUMB).catch(() => document.createElement("canvas"));
  thumb.setAttribute("role", "img");
  item.prepend(thumb);
  return item;
}

function name(item, { dataset }, number) {
  item.querySelector("canvas").setAttribute("aria-label", `${dataset.says} ${number}`);
  item.querySelector("button").setAttribute("aria-label", dataset.takeBack.replace("{number}", number));
}

async function photosOf(job) {
  return (await waiting()).filter((entry) => entry.job === job && entry.kind === "photo");
}

function listOf(box) {
  return box.querySelector(".photo-list");
}

async function shrunk(file, longest) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return canvas;
}

function tell(box, text) {
  const place = box.querySelector(".error");
  place.hidden = !text;
  place.querySelector("span").textContent = text;
}
