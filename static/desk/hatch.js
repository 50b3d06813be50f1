/* How is ground hatched, so that what it says does not show by colour alone? */
import { colour } from "/static/shared/colours.js";

/** Lines across the ground in a tone, or lines both ways. @param {string} tone @param {boolean} isCrossed */
export function hatched(tone, isCrossed) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 12;
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.fillStyle = colour(tone, 0.22);
  pen.fillRect(0, 0, 12, 12);
  pen.strokeStyle = colour(tone, 0.5);
  pen.lineWidth = 1.25;
  pen.beginPath();
  for (const shift of [-12, 0, 12]) {
    pen.moveTo(shift, 12);
    pen.lineTo(shift + 12, 0);
    if (isCrossed) {
      pen.moveTo(shift, 0);
      pen.lineTo(shift + 12, 12);
    }
  }
  pen.stroke();
  return pen.createPattern(canvas, "repeat");
}
