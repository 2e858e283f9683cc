// A signature with finger, pen or mouse. Who has none of them types a name, which the form asks for anyway.
import { digestOf } from "./files.js";

const LINE = 2.5;

export function listen() {
  document.addEventListener("pointerdown", (event) => {
    if (event.target.matches(".signature-area")) begin(event);
  });
  document.addEventListener("change", (event) => {
    if (event.target.name === "unsigned") ask(event.target.form, event.target.value);
  });
  document.addEventListener("click", (event) => {
    const area = event.target.closest("[data-erase]")?.closest(".signature").querySelector("canvas");
    if (area) erase(area);
  });
}

// Who did not sign has a reason.
function ask(form, unsigned) {
  form.querySelector("[name=unsigned_why]").required = unsigned !== "";
}

// What was drawn in this form, as an action of its own with its file; null when nothing was, or it was refused.
export async function drawnIn(form, tap) {
  const area = form.querySelector(".signature-area[data-drawn]");
  if (!area || new FormData(form).get("unsigned")) return null;
  const file = await new Promise((resolve) => area.toBlob(resolve, "image/png"));
  const body = { sha256: await digestOf(file), size: file.size };
  return { action: { ...tap, kind: "signature", body, says: form.querySelector(".signing legend").textContent }, file };
}

function begin(event) {
  const area = event.target;
  const pen = penOf(area);
  event.preventDefault();
  area.setPointerCapture(event.pointerId);
  pen.beginPath();
  pen.moveTo(event.offsetX, event.offsetY);
  const draw = (moved) => {
    pen.lineTo(moved.offsetX, moved.offsetY);
    pen.stroke();
    area.dataset.drawn = "yes";
  };
  area.addEventListener("pointermove", draw);
  for (const end of ["pointerup", "pointercancel"]) area.addEventListener(end, () => area.removeEventListener("pointermove", draw), { once: true });
}

function penOf(area) {
  const pen = area.getContext("2d");
  if (area.dataset.drawn) return pen;
  const scale = devicePixelRatio || 1;
  area.width = area.clientWidth * scale;
  area.height = area.clientHeight * scale;
  pen.scale(scale, scale);
  Object.assign(pen, { lineWidth: LINE, lineCap: "round", lineJoin: "round", strokeStyle: "#111" });
  return pen;
}

function erase(area) {
  area.width = area.width;
  delete area.dataset.drawn;
}
