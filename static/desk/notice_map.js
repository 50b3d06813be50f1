/* Which ground does a notice cover: the grids that are clicked, and the area that is drawn? */
import {
  Attribution, defaultControls, Draw, extent, Fill, Map as OpenMap, Modify, Snap, Stroke, Style, Text, VectorLayer, VectorSource, View,
} from "/static/vendor/ol.js";
import { colour, font, onThemeChange } from "/static/shared/colours.js";
import { getJson } from "/static/shared/http.js";
import { localName, t } from "/static/shared/i18n.js";
import { groundOf } from "./ground.js";
import { hatched } from "./hatch.js";

const SNAP_PIXELS = 12;
const facts = JSON.parse(document.getElementById("notice-facts")?.textContent || "{}");
const element = /** @type {HTMLElement} */ (document.getElementById("notice-map"));
const hint = document.getElementById("notice-hint");
const outline = /** @type {HTMLTextAreaElement | null} */ (document.querySelector("#notice [name=outline]"));
const boxes = /** @type {HTMLInputElement[]} */ ([...document.querySelectorAll("#notice [name=grids]")]);
const tools = document.getElementById("notice-draw");

const say = (/** @type {string} */ words) => { if (hint) hint.textContent = words; };
const ground = groundOf(facts.map, () => say(t("The map's tiles do not come. The grids are drawn without them.")));
const grids = new VectorSource();
const drawn = new VectorSource();
const isChosen = (/** @type {string} */ name) => boxes.some((box) => box.checked && box.value === name);

const covered = () => new Style({ fill: new Fill({ color: hatched("danger", false) }), stroke: new Stroke({ color: colour("danger"), width: 2.5 }) });

/** @param {any} grid */
function gridStyle(grid) {
  const text = new Text({ text: localName({ name: grid.get("name"), name_zh: grid.get("name_zh") }), font: font("500 13px"), fill: new Fill({ color: colour("text") }), stroke: new Stroke({ color: colour("ground"), width: 3 }) });
  if (!isChosen(grid.get("name"))) return new Style({ fill: new Fill({ color: colour("text-muted", 0.05) }), stroke: new Stroke({ color: colour("line-strong"), width: 1 }), text });
  const style = covered();
  style.setText(text);
  style.setZIndex(2);
  return style;
}

const layers = [new VectorLayer({ source: grids, style: gridStyle, declutter: "grids" }), new VectorLayer({ source: drawn, style: covered })];
const [lon, lat] = facts.map.center;
const view = new View({ center: ground.to({ lat, lon }), zoom: facts.map.zoom, maxZoom: 20, minZoom: 3 });
const map = new OpenMap({
  target: element, layers: [...ground.layers, ...layers], view,
  controls: defaultControls({ attribution: false, rotate: false, zoomOptions: { zoomInTipLabel: t("Nearer"), zoomOutTipLabel: t("Further") } }).extend([new Attribution({ collapsible: false, tipLabel: t("Whose map it is") })]),
});

function write() {
  const [feature] = drawn.getFeatures();
  if (outline) outline.value = feature ? JSON.stringify(ground.write(feature.getGeometry())) : "";
}

function read() {
  drawn.clear();
  if (!outline?.value.trim().startsWith("{")) return;
  try {
    drawn.addFeatures(ground.read(JSON.parse(outline.value)));
  } catch {
    // Half-written text is no outline yet; the server says what is wrong with it.
  }
}

/** @param {string} words @param {() => void} act */
function addTool(words, act) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "small", textContent: words });
  button.addEventListener("click", act);
  tools?.append(button);
}

/** Let grids be clicked and one area be drawn. */
function letChange() {
  const usual = () => say(t("Click the grids, or draw the area."));
  const draw = new Draw({ source: drawn, type: "Polygon", style: covered });
  const stop = () => { draw.setActive(false); usual(); };
  draw.on("drawstart", () => drawn.clear());
  // The source takes the feature after this event.
  draw.on("drawend", () => setTimeout(() => { write(); stop(); }));
  const modify = new Modify({ source: drawn });
  modify.on("modifyend", write);
  map.addInteraction(modify);
  map.addInteraction(draw);
  map.addInteraction(new Snap({ source: grids, pixelTolerance: SNAP_PIXELS }));
  map.on("click", (/** @type {any} */ event) => {
    if (draw.getActive()) return;
    const grid = map.forEachFeatureAtPixel(event.pixel, (/** @type {any} */ each) => each, { layerFilter: (/** @type {any} */ layer) => layer === layers[0] });
    const box = boxes.find((each) => each.value === grid?.get("name"));
    if (!box) return;
    box.checked = !box.checked;
    layers[0].changed();
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && draw.getActive()) { draw.abortDrawing(); stop(); } });
  for (const box of boxes) box.addEventListener("change", () => layers[0].changed());
  outline?.addEventListener("input", read);
  addTool(t("Draw the area"), () => { draw.setActive(true); say(t("Click the corners; a double click closes the outline. Corners catch on neighbours.")); element.focus(); });
  addTool(t("Remove the drawing"), () => { drawn.clear(); write(); stop(); });
  if (tools) tools.hidden = false;
  stop();
  read();
}

function fit() {
  const chosen = grids.getFeatures().filter((/** @type {any} */ each) => isChosen(each.get("name")));
  const box = [...chosen, ...drawn.getFeatures()].reduce((all, each) => extent.extend(all, each.getGeometry().getExtent()), extent.createEmpty());
  const whole = extent.isEmpty(box) ? grids.getExtent() : box;
  if (whole && !extent.isEmpty(whole)) view.fit(whole, { padding: [32, 32, 32, 32], maxZoom: 17 });
}

onThemeChange(() => layers.forEach((layer) => layer.changed()));
if (facts.editable) letChange();
else if (facts.area) drawn.addFeatures(ground.read({ type: "Feature", properties: {}, geometry: facts.area }));
getJson("/api/v1/grids.geojson").then(({ body }) => {
  grids.addFeatures(ground.read(body));
  fit();
}, (refusal) => say(refusal.message)).finally(() => (element.dataset.ready = "true"));
