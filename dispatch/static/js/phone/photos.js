// Photos of a job: made small here, which also leaves out where and with what they were taken, then put in the queue.
import { digestOf } from "./files.js";
import { add } from "./queue.js";

const LONGEST = 1600;
const THUMB = 128;
const MOST = 12;

// `standing()` gives the device and where jobs stand; `done(tap)` is called when a photo is kept.
export function listen({ standing, done }) {
  document.addEventListener("change", async (event) => {
    const box = event.target.type === "file" && event.target.closest("[data-photos]");
    if (!box) return;
    const files = [...event.target.files];
    event.target.value = "";
    tell(box, "");
    for (const file of files) await take(box, file, standing(), done);
  });
}

async function take(box, file, { carry, device }, done) {
  const list = box.querySelector(".photo-list");
  if (list.childElementCount >= MOST) return tell(box, box.dataset.full);
  let canvas;
  let small;
  try {
    canvas = await shrunk(file, LONGEST);
    small = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.82));
  } catch {
    return tell(box, box.dataset.broken);
  }
  const job = box.dataset.photos;
  const body = { sha256: await digestOf(small), size: small.size };
  const tap = { job, kind: "photo", based_on: carry?.jobs[job]?.version ?? null, body, says: box.dataset.says };
  await add(device, tap, small);
  const item = document.createElement("li");
  const thumb = await shrunk(small, THUMB);
  thumb.setAttribute("role", "img");
  thumb.setAttribute("aria-label", `${box.dataset.says} ${list.childElementCount + 1}`);
  item.append(thumb);
  list.append(item);
  done(tap);
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
