/* How are faces and plates on a photo covered, by pointer and by keys? */
import { html, useEffect, useRef, useSignal } from "/static/vendor/preact.js";
import { n, t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";

/** @typedef {{left: number, top: number, width: number, height: number}} Box shares of the photo */

/** Less than this is a slip of the hand. */
const LEAST = 0.01;
const STEP = 0.02;
/** @type {Box} */
const FIRST = { left: 0.4, top: 0.4, width: 0.2, height: 0.2 };

/** @param {number} share @param {number} [most] */
const within = (share, most = 1) => Math.min(most, Math.max(0, share));

/** The rectangle between two corners. @param {number[]} one @param {number[]} other @returns {Box} */
const between = ([x1, y1], [x2, y2]) => ({ left: Math.min(x1, x2), top: Math.min(y1, y2), width: Math.abs(x2 - x1), height: Math.abs(y2 - y1) });

/** @param {Box} box @param {string} key @param {boolean} grows @returns {Box} */
function moved(box, key, grows) {
  const [x, y] = /** @type {Record<string, number[]>} */ ({ ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] })[key];
  if (grows) return { ...box, width: Math.max(LEAST, within(box.width + x, 1 - box.left)), height: Math.max(LEAST, within(box.height + y, 1 - box.top)) };
  return { ...box, left: within(box.left + x, 1 - box.width), top: within(box.top + y, 1 - box.height) };
}

/** A new rectangle of the same size, to the right of the last or at its left. @param {Box} box @returns {Box} */
const beside = (box) => ({ ...box, left: box.left + 2 * box.width <= 1 ? box.left + box.width : within(box.left - box.width) });

/** @param {{box: Box, isChosen?: boolean}} props */
const Cover = ({ box, isChosen = false }) => html`<span class="cover-box" data-chosen=${isChosen} style=${{ "--left": box.left, "--top": box.top, "--width": box.width, "--height": box.height }}></span>`;

/**
 * The photo with the rectangles that are drawn on it; nothing is covered before it is saved.
 * @param {{src: string, width: number, height: number, alt: string, save: (boxes: Box[]) => Promise<void>, stop: () => void}} props
 */
export function CoverStage({ src, width, height, alt, save, stop }) {
  const [boxes, drawn, busy, fault] = [useSignal(/** @type {Box[]} */ ([])), useSignal(/** @type {Box | null} */ (null)), useSignal(false), useSignal("")];
  const stage = useRef(/** @type {HTMLElement | null} */ (null));
  const corner = useRef(/** @type {number[] | null} */ (null));
  useEffect(() => stage.current?.focus({ preventScroll: true }), []);
  /** @param {PointerEvent} event */
  const spot = (event) => {
    const place = /** @type {HTMLElement} */ (stage.current).getBoundingClientRect();
    return [within((event.clientX - place.left) / place.width), within((event.clientY - place.top) / place.height)];
  };
  const draw = {
    onPointerDown: (/** @type {any} */ event) => {
      if (event.button) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      corner.current = spot(event);
    },
    onPointerMove: (/** @type {PointerEvent} */ event) => { if (corner.current) drawn.value = between(corner.current, spot(event)); },
    onPointerUp: () => {
      const box = drawn.value;
      [corner.current, drawn.value] = [null, null];
      if (box && box.width >= LEAST && box.height >= LEAST) boxes.value = [...boxes.value, box];
    },
    onPointerCancel: () => { [corner.current, drawn.value] = [null, null]; },
  };
  const back = () => (boxes.value = boxes.value.slice(0, -1));
  const pressed = (/** @type {KeyboardEvent} */ event) => {
    const last = boxes.value.at(-1);
    if (event.key === "Enter") boxes.value = [...boxes.value, boxes.value.length ? beside(boxes.value[boxes.value.length - 1]) : FIRST];
    else if (event.key === "Delete" || event.key === "Backspace") back();
    else if (event.key.startsWith("Arrow") && last) boxes.value = [...boxes.value.slice(0, -1), moved(last, event.key, event.shiftKey)];
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const send = async () => {
    busy.value = true;
    fault.value = "";
    try {
      await save(boxes.value);
    } catch (refusal) {
      fault.value = /** @type {Error} */ (refusal).message;
      busy.value = false;
    }
  };
  const count = boxes.value.length;
  return html`<div class="cover-frame"><div ref=${stage} class="cover-stage" role="application" tabindex="0" aria-label=${t("Photo: draw rectangles")} aria-describedby="cover-keys" onKeyDown=${pressed} ...${draw}>
      <img src=${src} width=${width} height=${height} alt=${alt} draggable=${false} />${boxes.value.map((box, at) => html`<${Cover} box=${box} isChosen=${at === count - 1} />`)}${drawn.value && html`<${Cover} box=${drawn.value} />`}</div>
    <p id="cover-keys" class="small muted">${t("Draw over each face and plate. By keys: Enter adds a rectangle, arrows move it, Shift and arrows change its size, Delete takes it away.")}</p>
    <div class="row"><button type="button" class="primary" disabled=${!count || busy.value} onClick=${send}>${icon("eye-off")}${t("Cover for everybody")}</button>
      <button type="button" disabled=${!count || busy.value} onClick=${back}>${icon("arrow-back-up")}${t("Take the last one back")}</button>
      <button type="button" class="quiet" onClick=${stop}>${t("Cancel")}</button>
      <span class="muted small" role="status">${n("%(count)s rectangle", "%(count)s rectangles", count)}</span></div>
    ${fault.value && html`<p class="toned" data-tone="danger" role="alert">${fault.value}</p>`}</div>`;
}
