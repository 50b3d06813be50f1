/* How does a resident sign on the crew's phone, with and without a connection? */
import { spot } from "/static/shared/boxes.js";
import { t } from "/static/shared/i18n.js";
import { keepPicture, ownPictures } from "./keep_photo.js";
import { element, standing } from "./overlay.js";
import { onChange } from "./store.js";

const part = document.getElementById("sign");
const pad = /** @type {HTMLDialogElement | null} */ (document.getElementById("sign-pad"));
const number = document.getElementById("ticket")?.dataset.number ?? "";
const paper = /** @type {HTMLCanvasElement} */ (pad?.querySelector("canvas"));
const signer = /** @type {HTMLInputElement} */ (pad?.querySelector("#signer"));
const find = (/** @type {string} */ name) => /** @type {HTMLElement} */ ((pad?.querySelector(`[data-sign-${name}]`) ?? part?.querySelector(`[data-sign-${name}]`)));
const INK_PIXELS = 7;
/** Less ink than this, as a share of the width, is a slip of the hand. */
const LEAST_INK = 0.1;
/** Addresses of the signatures that are on the phone. @type {Map<string, string>} */
const shown = new Map();
/** How much was drawn, as shares of the width. */
let ink = 0;
/** @type {number[] | null} */
let last = null;
/** The signature that is still here, in whose place another one is given. */
let before = "";

const pen = () => /** @type {CanvasRenderingContext2D} */ (paper.getContext("2d"));

/** A sheet without a word; what is white in the picture is white in the box. */
function clear() {
  ink = 0;
  pen().fillStyle = "white";
  pen().fillRect(0, 0, paper.width, paper.height);
  showSteps();
}

function showSteps() {
  find("keep").toggleAttribute("disabled", ink < LEAST_INK);
  find("clear").toggleAttribute("disabled", ink === 0);
}

/** @param {number[]} from @param {number[]} to */
function draw(from, to) {
  const line = pen();
  Object.assign(line, { lineWidth: INK_PIXELS, lineCap: "round", lineJoin: "round", strokeStyle: "black" });
  line.beginPath();
  line.moveTo(from[0] * paper.width, from[1] * paper.height);
  line.lineTo(to[0] * paper.width, to[1] * paper.height);
  line.stroke();
  ink += Math.hypot(to[0] - from[0], to[1] - from[1]) + 0.001;
}

function close() {
  pad?.close();
  clear();
  signer.value = "";
  before = "";
  find("fault").hidden = true;
}

/** @param {string} [uuid] the one that is signed anew */
function open(uuid = "") {
  clear();
  before = uuid;
  // Who cannot draw says the code; its form is there as soon as the crew is.
  find("code").hidden = document.querySelector("#kit-code form") === null;
  pad?.showModal();
}

async function keep() {
  find("fault").hidden = true;
  find("keep").setAttribute("disabled", "");
  try {
    const blob = await new Promise((done) => paper.toBlob(done, "image/png"));
    if (!blob) throw new Error("not drawn");
    const fields = { kind: "signature", taken_at: new Date().toISOString(), signer: signer.value.trim() };
    await keepPicture({ ticket: number, name: "signature.png", blob, words: part?.dataset.words ?? "", fields }, before);
  } catch {
    find("fault").hidden = false;
    showSteps();
    return;
  }
  close();
  find("said").textContent = t("The signature is saved on this phone.");
}

/** A signature that is still here. @param {import("./store.js").Photo} photo */
function row(photo) {
  const made = element("li");
  const image = /** @type {HTMLImageElement} */ (element("img"));
  if (photo.blob && !shown.has(photo.uuid)) shown.set(photo.uuid, URL.createObjectURL(photo.blob));
  image.src = shown.get(photo.uuid) ?? "";
  image.alt = photo.words;
  const words = element("div", "", "stack tight");
  words.append(element("span", [photo.fields.signer, photo.refusal ?? standing(photo)].filter(Boolean).join(" · "), "muted small"));
  if (photo.blob && !photo.is_out) {
    const again = /** @type {HTMLButtonElement} */ (element("button", t("Sign again")));
    again.type = "button";
    again.addEventListener("click", () => open(photo.uuid));
    words.append(again);
  }
  made.append(...(photo.blob ? [image] : []), words);
  return made;
}

async function list() {
  const own = await ownPictures(number, true);
  for (const [uuid, source] of shown) {
    if (own.some((each) => each.uuid === uuid && each.blob)) continue;
    URL.revokeObjectURL(source);
    shown.delete(uuid);
  }
  find("list").replaceChildren(...own.map(row));
}

function begin() {
  paper.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    paper.setPointerCapture(event.pointerId);
    last = spot(paper, event);
    draw(last, last);
    showSteps();
  });
  paper.addEventListener("pointermove", (event) => {
    if (!last) return;
    // A quick hand is at several places within a frame.
    for (const each of event.getCoalescedEvents?.() ?? [event]) {
      const next = spot(paper, each);
      draw(last, next);
      last = next;
    }
    showSteps();
  });
  for (const end of ["pointerup", "pointercancel"]) paper.addEventListener(end, () => (last = null));
  find("open").addEventListener("click", () => open());
  find("clear").addEventListener("click", clear);
  find("close").addEventListener("click", close);
  find("keep").addEventListener("click", keep);
  find("code").addEventListener("click", () => {
    close();
    document.getElementById("kit-code")?.setAttribute("open", "");
    document.getElementById("code")?.focus();
  });
  pad?.addEventListener("cancel", (event) => {
    // The back key must not throw away what was signed.
    event.preventDefault();
    if (ink < LEAST_INK) close();
  });
  document.addEventListener("photo-sent", ({ detail }) => {
    if (detail.kept.ticket !== number || detail.kept.fields.kind !== "signature") return;
    find("said").textContent = detail.photo.held ?? t("The signature has arrived.");
  });
  onChange(list);
  list();
}

if (part && pad && window.indexedDB) {
  part.hidden = false;
  begin();
}
