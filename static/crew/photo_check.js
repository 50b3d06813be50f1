/* Is a photo good, and is everything on it covered that nobody else should see? */
import { afterKey, between, isDrawn, spot } from "/static/shared/boxes.js";
import { n } from "/static/shared/i18n.js";
import { element } from "./overlay.js";

/** @typedef {import("/static/shared/boxes.js").Box} Box */
/** @typedef {{blob: Blob, isCovered: boolean} | "again" | "gone" | "kept"} Verdict */

const QUALITY = 0.85;
const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("photo-check"));
const find = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (dialog?.querySelector(selector));
/** @type {Box[]} */
let boxes = [];
/** @type {number[] | null} */
let corner = null;
/** Whether leaving the dialog by the back key would throw the photo away. */
let isSlip = false;
/** @type {(verdict: Verdict) => void} */
let decide = () => undefined;

/** Draw a photo anew with black in place of what is covered; fails rather than leave any of it. @param {Blob} blob @param {Box[]} covers @returns {Promise<Blob>} */
export async function covered(blob, covers) {
  const image = await createImageBitmap(blob);
  const { width, height } = image;
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.drawImage(image, 0, 0);
  image.close();
  for (const { left, top, width: share, height: tall } of covers) {
    const [x, y] = [Math.floor(left * width), Math.floor(top * height)];
    pen.fillRect(x, y, Math.ceil((left + share) * width) - x, Math.ceil((top + tall) * height) - y);
  }
  const drawn = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  if (!drawn) throw new Error("not drawn");
  return drawn;
}

/** @param {Box} box */
function drawnBox(box) {
  const made = element("span", "", "cover-box");
  for (const [name, share] of Object.entries(box)) made.style.setProperty(`--${name}`, String(share));
  return made;
}

/** @param {Box | null} [growing] the one under the finger */
function show(growing = null) {
  const all = isDrawn(growing) ? [...boxes, growing] : boxes;
  for (const each of find(".cover-stage").querySelectorAll(".cover-box")) each.remove();
  find(".cover-stage").append(...all.map(drawnBox));
  find("[data-back]").toggleAttribute("disabled", boxes.length === 0);
  find("[data-plain]").hidden = boxes.length > 0;
  find("[data-covered]").hidden = boxes.length === 0;
  find("[role=status]").textContent = boxes.length ? n("%(count)s rectangle", "%(count)s rectangles", boxes.length) : "";
}

/** @param {{blob: Blob, words: string, isNew: boolean, isOut?: boolean}} photo @param {string} source */
async function open({ words, isNew, isOut }, source) {
  const image = /** @type {HTMLImageElement} */ (find("img"));
  image.src = source;
  image.alt = words;
  find("h2").textContent = words;
  find("[data-fault]").hidden = true;
  boxes = [];
  const isSeen = await image.decode().then(() => true, () => false);
  const state = isOut ? "out" : isSeen ? "seen" : "unseen";
  dialog?.setAttribute("data-state", state);
  for (const each of dialog?.querySelectorAll("[data-only]") ?? []) each.hidden = !(each.dataset.only ?? "").split(" ").includes(state);
  isSlip = isNew;
  show();
  dialog?.showModal();
}

/**
 * Show a photo until its person has decided: as it is or with parts covered, once more, or not at all.
 * @param {{blob: Blob, words: string, isNew: boolean, isOut?: boolean}} photo `isOut`: all of it has left the phone
 * @returns {Promise<Verdict>}
 */
export async function lookAt(photo) {
  const source = URL.createObjectURL(photo.blob);
  try {
    await open(photo, source);
    for (;;) {
      const verdict = await new Promise((/** @type {(verdict: Verdict) => void} */ done) => (decide = done));
      if (verdict !== "kept") return verdict;
      if (boxes.length === 0) return photo.isNew ? { blob: photo.blob, isCovered: false } : "kept";
      const blob = await covered(photo.blob, boxes).catch(() => null);
      if (blob) return { blob, isCovered: true };
      find("[data-fault]").hidden = false;
    }
  } finally {
    dialog?.close();
    URL.revokeObjectURL(source);
  }
}

/** @param {string} selector @param {Verdict} verdict */
const on = (selector, verdict) => find(selector).addEventListener("click", () => decide(verdict));

function begin() {
  const stage = find(".cover-stage");
  stage.addEventListener("pointerdown", (event) => {
    if (event.button || dialog?.dataset.state !== "seen") return;
    stage.setPointerCapture(event.pointerId);
    corner = spot(stage, event);
  });
  stage.addEventListener("pointermove", (event) => corner && show(between(corner, spot(stage, event))));
  stage.addEventListener("pointerup", (event) => {
    const box = corner && between(corner, spot(stage, event));
    corner = null;
    if (isDrawn(box)) boxes = [...boxes, box];
    show();
  });
  stage.addEventListener("pointercancel", () => {
    corner = null;
    show();
  });
  stage.addEventListener("keydown", (event) => {
    const next = dialog?.dataset.state === "seen" ? afterKey(boxes, event) : null;
    if (!next) return;
    event.preventDefault();
    boxes = next;
    show();
  });
  find("[data-back]").addEventListener("click", () => {
    boxes = boxes.slice(0, -1);
    show();
  });
  on("[data-keep]", "kept");
  on("[data-again]", "again");
  on("[data-gone]", "gone");
  dialog?.addEventListener("cancel", (event) => {
    event.preventDefault();
    if (isSlip) return;
    boxes = [];
    decide("kept");
  });
}

if (dialog) begin();
