/* Which rectangles does somebody draw over a photo, by finger, pointer and keys? */

/** @typedef {{left: number, top: number, width: number, height: number}} Box shares of the photo */

/** Less than this is a slip of the hand. */
const LEAST = 0.01;
const STEP = 0.02;
/** @type {Box} */
const FIRST = { left: 0.4, top: 0.4, width: 0.2, height: 0.2 };

/** @param {number} share @param {number} [most] */
const within = (share, most = 1) => Math.min(most, Math.max(0, share));

/** Where on a picture a pointer is. @param {Element} stage @param {PointerEvent} event */
export function spot(stage, event) {
  const place = stage.getBoundingClientRect();
  return [within((event.clientX - place.left) / place.width), within((event.clientY - place.top) / place.height)];
}

/** The rectangle between two corners. @param {number[]} one @param {number[]} other @returns {Box} */
export const between = ([x1, y1], [x2, y2]) => ({ left: Math.min(x1, x2), top: Math.min(y1, y2), width: Math.abs(x2 - x1), height: Math.abs(y2 - y1) });

/** @param {Box | null} box @returns {box is Box} */
export const isDrawn = (box) => box !== null && box.width >= LEAST && box.height >= LEAST;

/** @param {Box} box @param {string} key @param {boolean} grows @returns {Box} */
function moved(box, key, grows) {
  const [x, y] = /** @type {Record<string, number[]>} */ ({ ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] })[key];
  if (grows) return { ...box, width: Math.max(LEAST, within(box.width + x, 1 - box.left)), height: Math.max(LEAST, within(box.height + y, 1 - box.top)) };
  return { ...box, left: within(box.left + x, 1 - box.width), top: within(box.top + y, 1 - box.height) };
}

/** A new rectangle of the same size, to the right of the last or at its left. @param {Box} box @returns {Box} */
const beside = (box) => ({ ...box, left: box.left + 2 * box.width <= 1 ? box.left + box.width : within(box.left - box.width) });

/** What a key makes of the rectangles, null for one that means nothing. @param {Box[]} boxes @param {KeyboardEvent} event @returns {Box[] | null} */
export function afterKey(boxes, { key, shiftKey }) {
  const last = boxes.at(-1);
  if (key === "Enter") return [...boxes, last ? beside(last) : FIRST];
  if (key === "Delete" || key === "Backspace") return boxes.slice(0, -1);
  if (key.startsWith("Arrow") && last) return [...boxes.slice(0, -1), moved(last, key, shiftKey)];
  return null;
}
