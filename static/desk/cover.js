/* How are faces and plates on a photo covered, by pointer and by keys? */
import { html, useEffect, useRef, useSignal } from "/static/vendor/preact.js";
import { n, t } from "/static/shared/i18n.js";
import { afterKey, between, isDrawn, spot } from "/static/shared/boxes.js";
import { icon } from "/static/shared/icon.js";

/** @typedef {import("/static/shared/boxes.js").Box} Box */

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
  const here = (/** @type {PointerEvent} */ event) => spot(/** @type {HTMLElement} */ (stage.current), event);
  const draw = {
    onPointerDown: (/** @type {any} */ event) => {
      if (event.button) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      corner.current = here(event);
    },
    onPointerMove: (/** @type {PointerEvent} */ event) => { if (corner.current) drawn.value = between(corner.current, here(event)); },
    onPointerUp: () => {
      const box = drawn.value;
      [corner.current, drawn.value] = [null, null];
      if (isDrawn(box)) boxes.value = [...boxes.value, box];
    },
    onPointerCancel: () => { [corner.current, drawn.value] = [null, null]; },
  };
  const back = () => (boxes.value = boxes.value.slice(0, -1));
  const pressed = (/** @type {KeyboardEvent} */ event) => {
    const next = afterKey(boxes.value, event);
    if (!next) return;
    boxes.value = next;
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
