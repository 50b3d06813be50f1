/* How are the cells of the circle drawn on a map? */
import {
  Attribution, defaultControls, extent, Fill, Map as OpenMap, ScaleLine, Stroke, Style, Text, VectorLayer, VectorSource, View, Zoom,
} from "/static/vendor/ol.js";
import { colour, font, onThemeChange } from "/static/shared/colours.js";
import { t } from "/static/shared/i18n.js";
import { groundOf } from "/static/desk/ground.js";
import { hatched } from "/static/desk/hatch.js";

const FEW_PIXELS = 44;

/** @typedef {{tone: number | null, words: string, few: boolean}} Look */

/** @param {HTMLElement} element @param {{settings: any, onPick: (key: string | null) => void, onLost: () => void}} options */
export function drawCells(element, { settings, onPick, onLost }) {
  const ground = groundOf(settings, onLost);
  const source = new VectorSource();
  /** @type {Map<string, Look>} */
  let looks = new Map();
  let picked = "";
  /** @type {CanvasPattern | null} */
  let hatch = null;

  /** @param {any} cell @param {number} resolution */
  function styleOf(cell, resolution) {
    const key = cell.getId();
    const look = looks.get(key);
    const isPicked = key === picked;
    const isHexagon = cell.get("hexagon");
    if (!look && isHexagon && !isPicked) return [];
    const box = cell.getGeometry().getExtent();
    const isWide = extent.getWidth(box) / resolution > FEW_PIXELS;
    const fill = !look ? "rgba(0, 0, 0, 0)" : look.few || look.tone === null ? (hatch ??= hatched("text-muted", false)) : cellColour(look.tone, 0.8);
    return [new Style({
      zIndex: isPicked ? 2 : 1,
      fill: new Fill({ color: fill }),
      stroke: new Stroke({ color: isPicked ? colour("accent") : colour("line-strong", 0.8), width: isPicked ? 4 : 1 }),
      text: look && isWide ? new Text({
        text: look.words, font: font(`600 ${settings.labelPixels ?? 12}px`), overflow: true,
        fill: new Fill({ color: colour("text") }), stroke: new Stroke({ color: colour("ground"), width: 4 }),
      }) : undefined,
    })];
  }

  const layer = new VectorLayer({ source, style: styleOf, declutter: true });
  const [lon, lat] = settings.center;
  const view = new View({ center: ground.to({ lat, lon }), zoom: settings.zoom, maxZoom: 18, minZoom: 3 });
  const map = new OpenMap({
    target: element, layers: [...ground.layers, layer], view,
    controls: defaultControls({ attribution: false, zoom: false, rotate: false }).extend([
      new Zoom({ zoomInTipLabel: t("Nearer"), zoomOutTipLabel: t("Further") }), new ScaleLine(), new Attribution({ collapsible: false, tipLabel: t("Whose map it is") }),
    ]),
  });
  map.on("click", (/** @type {any} */ event) => {
    onPick(map.forEachFeatureAtPixel(event.pixel, (/** @type {any} */ each) => each.getId()) ?? null);
  });
  const redraw = () => { hatch = null; layer.changed(); };
  onThemeChange(redraw);
  // Paper has its own width and is light; nothing is drawn any more once it is laid out.
  window.matchMedia("print").addEventListener("change", () => {
    redraw();
    map.updateSize();
    fit();
    map.renderSync();
  });

  function fit() {
    if (source.getFeatures().length) view.fit(source.getExtent(), { padding: [28, 28, 28, 28], maxZoom: 15 });
  }

  return {
    map,
    /** @param {import("./map_scale.js").Cell[]} cells */
    showCells(cells) {
      source.clear();
      const features = cells.filter((cell) => cell.outline?.type).map((cell) => ({ type: "Feature", id: cell.key, geometry: cell.outline, properties: { hexagon: /^-?\d+_/.test(cell.key) } }));
      source.addFeatures(ground.read({ type: "FeatureCollection", features }));
      fit();
    },
    /** @param {Map<string, Look>} found of the cells that have a value */
    look(found) {
      looks = found;
      layer.changed();
    },
    /** @param {string} key */
    pick(key) {
      picked = key;
      layer.changed();
    },
    /** Call back when everything is drawn. @param {() => void} then */
    whenDrawn(then) {
      map.once("rendercomplete", then);
      map.renderSync();
    },
  };
}

// Hidden: where motion is reduced every colour that is drawn changes in 0.01 ms, and is the old one until then.
const probe = document.createElement("span");
probe.hidden = true;
document.getElementById("map-frame")?.append(probe);

/** The colour of a class in the theme that is shown. @param {number} tone 0 to 4 @param {number} [alpha] */
export function cellColour(tone, alpha = 1) {
  probe.style.color = `var(--map-${tone + 1})`;
  const [red, green, blue] = getComputedStyle(probe).color.match(/[\d.]+/g) ?? [0, 0, 0];
  return `rgba(${red}, ${green}, ${blue}, ${alpha})`;
}
