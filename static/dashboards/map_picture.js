/* How is the map written into a picture that says by itself what it shows? */
import { colour, font } from "/static/shared/colours.js";
import { hatched } from "/static/desk/hatch.js";
import { cellColour } from "./map_cells.js";

const MARGIN = 20;
const LINE = 24;

/** @typedef {{title: string, lines: string[], legend: {tone: number | null, words: string}[], foot: string}} Written */

/** Every canvas of the map, where it may be read; tiles of another server may forbid it. @param {HTMLElement} element @param {number} width @param {number} height @param {boolean} hasGround */
function ofMap(element, width, height, hasGround) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const layers = /** @type {HTMLCanvasElement[]} */ ([...element.querySelectorAll(hasGround ? ".ol-layer canvas, canvas.ol-layer" : ".ol-layer:not(.basemap) canvas, canvas.ol-layer:not(.basemap)")]);
  for (const layer of layers) if (layer.width) pen.drawImage(layer, 0, 0, width, height);
  if (hasGround) pen.getImageData(0, 0, 1, 1);
  return canvas;
}

/** @param {HTMLElement} element @param {number} width @param {number} height */
function mapOf(element, width, height) {
  try {
    return ofMap(element, width, height, true);
  } catch {
    return ofMap(element, width, height, false);
  }
}

/** Cut a line into as many as fit. @param {CanvasRenderingContext2D} pen @param {string} line @param {number} room */
function fitted(pen, line, room) {
  const lines = [""];
  for (const word of line.split(/(?<=[ ·，])/u)) {
    const last = lines[lines.length - 1];
    if (last && pen.measureText(last + word).width > room) lines.push(word);
    else lines[lines.length - 1] = last + word;
  }
  return lines;
}

/** @param {HTMLElement} element of the map @param {Written} written @param {string} name of the file */
export function savePicture(element, { title, lines, legend, foot }, name) {
  const { clientWidth: width, clientHeight: height } = element;
  const canvas = document.createElement("canvas");
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.font = font("14px");
  const told = lines.flatMap((line) => fitted(pen, line, width));
  const signs = signsOf(pen, legend, width);
  const top = MARGIN + 2 * LINE + told.length * LINE;
  const rows = 1 + Math.max(0, ...signs.map((sign) => sign.row));
  canvas.width = width + 2 * MARGIN;
  canvas.height = top + height + (rows + 1) * LINE + 2 * MARGIN;
  pen.fillStyle = colour("ground");
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.textBaseline = "top";
  pen.fillStyle = colour("text");
  pen.font = font("600 22px");
  pen.fillText(title, MARGIN, MARGIN);
  pen.font = font("14px");
  told.forEach((line, at) => pen.fillText(line, MARGIN, MARGIN + LINE * (at + 1.5)));
  pen.fillStyle = colour("sunken");
  pen.fillRect(MARGIN, top, width, height);
  pen.drawImage(mapOf(element, width, height), MARGIN, top);
  for (const { tone, words, x, row } of signs) {
    const y = top + height + MARGIN / 2 + row * LINE;
    pen.fillStyle = tone === null ? hatched("text-muted", false) ?? "" : cellColour(tone);
    pen.fillRect(MARGIN + x, y, 24, 16);
    pen.strokeStyle = colour("line-strong");
    pen.strokeRect(MARGIN + x, y, 24, 16);
    pen.fillStyle = colour("text");
    pen.fillText(words, MARGIN + x + 32, y + 1);
  }
  pen.fillStyle = colour("text-muted");
  pen.fillText(foot, MARGIN, canvas.height - MARGIN - LINE / 2);
  canvas.toBlob((blob) => { if (blob) save(blob, name); }, "image/png");
}

/** Where each sign of the legend stands. @param {CanvasRenderingContext2D} pen @param {Written["legend"]} legend @param {number} width */
function signsOf(pen, legend, width) {
  let [x, row] = [0, 0];
  return legend.map((sign) => {
    const needed = 32 + pen.measureText(sign.words).width + 24;
    if (x && x + needed > width) [x, row] = [0, row + 1];
    const placed = { ...sign, x, row };
    x += needed;
    return placed;
  });
}

/** @param {Blob} blob @param {string} name */
function save(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
