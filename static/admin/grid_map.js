/* How is a grid, or the line that cuts one, drawn on the map into the form beside it? */
import {
  Attribution, CircleStyle, defaultControls, Draw, extent, Feature, Fill, GeoJSON, Map as OpenMap, Modify, Snap, Stroke, Style, Text, VectorLayer, VectorSource, View,
} from "/static/vendor/ol.js";
import { colour, font, onThemeChange } from "/static/shared/colours.js";
import { getJson } from "/static/shared/http.js";
import { localName, t } from "/static/shared/i18n.js";
import { groundOf } from "/static/desk/ground.js";

const SNAP_PIXELS = 12;
const facts = JSON.parse(document.getElementById("grid-facts")?.textContent || "{}");
const element = /** @type {HTMLElement} */ (document.getElementById("grid-map"));
const hint = /** @type {HTMLElement} */ (document.getElementById("grid-hint"));
const outline = /** @type {HTMLTextAreaElement | null} */ (document.querySelector("#drawn [name=outline]"));
const datum = /** @type {HTMLSelectElement | null} */ (document.querySelector("#drawn [name=datum]"));
const choice = /** @type {HTMLFormElement} */ (document.getElementById("choose"));

const ground = groundOf(facts.map, () => (hint.textContent = t("The map's tiles do not come. The grids are drawn without them.")));
const grids = new VectorSource();
const drawn = new VectorSource();
const outcome = new VectorSource();

const line = (/** @type {string} */ tone, /** @type {number} */ width, /** @type {number[]} */ dash = []) => new Stroke({ color: colour(tone), width, lineDash: dash });

/** @param {any} grid */
function gridStyle(grid) {
  const isChosen = facts.chosen.includes(grid.getId());
  const name = localName({ name: grid.get("name"), name_zh: grid.get("name_zh") });
  return new Style({
    zIndex: isChosen ? 2 : 1,
    fill: new Fill({ color: colour(isChosen ? "accent" : "text-muted", isChosen ? 0.16 : 0.05) }),
    stroke: line(isChosen ? "accent" : "line-strong", isChosen ? 2.5 : 1),
    text: new Text({ text: name, font: font("500 13px"), overflow: false, fill: new Fill({ color: colour("text") }), stroke: new Stroke({ color: colour("ground"), width: 3 }) }),
  });
}

const drawnStyle = () => [
  new Style({ fill: new Fill({ color: colour("warn", 0.14) }), stroke: line("warn", 3) }),
  new Style({
    geometry: (/** @type {any} */ feature) => cornersOf(feature.getGeometry()),
    image: new CircleStyle({ radius: 5, fill: new Fill({ color: colour("ground") }), stroke: line("warn", 2) }),
  }),
];

/** The corners of what was drawn, to be taken hold of. @param {any} geometry */
function cornersOf(geometry) {
  const points = geometry.getType() === "LineString" ? geometry.getCoordinates() : geometry.getCoordinates().flat(geometry.getType() === "Polygon" ? 1 : 2);
  return new GeoJSON().readGeometry({ type: "MultiPoint", coordinates: points });
}

const outcomeStyle = () => new Style({ fill: new Fill({ color: colour("good", 0.12) }), stroke: line("good", 3, [8, 6]) });

const layers = [
  new VectorLayer({ source: grids, style: gridStyle, declutter: "grids" }),
  new VectorLayer({ source: outcome, style: outcomeStyle }),
  new VectorLayer({ source: drawn, style: drawnStyle }),
];
const [lon, lat] = facts.map.center;
const view = new View({ center: ground.to({ lat, lon }), zoom: facts.map.zoom, maxZoom: 20, minZoom: 3 });
const map = new OpenMap({ target: element, layers: [...ground.layers, ...layers], view, controls: defaultControls({ attribution: false, rotate: false, zoomOptions: { zoomInTipLabel: t("Nearer"), zoomOutTipLabel: t("Further") } }).extend([new Attribution({ collapsible: false, tipLabel: t("Whose map it is") })]) });

/** Write what was drawn into the form. */
function write() {
  const [feature] = drawn.getFeatures();
  if (!outline || !feature) return;
  outline.value = JSON.stringify(ground.write(feature.getGeometry()));
  if (datum) datum.value = "wgs84";
}

/** Draw what the form says, where it is GeoJSON in WGS-84. */
function read() {
  drawn.clear();
  if (!outline?.value.trim().startsWith("{") || datum?.value !== "wgs84") return;
  try {
    drawn.addFeatures(ground.read(JSON.parse(outline.value)));
  } catch {
    // Half-written text is no outline yet; the server says what is wrong with it.
  }
}

/** @param {string} type */
function letDraw(type) {
  const draw = new Draw({ source: drawn, type, style: drawnStyle });
  draw.on("drawstart", () => drawn.clear());
  draw.on("drawend", (/** @type {any} */ event) => {
    // The source takes the feature after this event.
    setTimeout(() => { keepOnly(event.feature); write(); draw.setActive(false); say(); });
  });
  map.addInteraction(draw);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") draw.abortDrawing(); });
  draw.setActive(!drawn.getFeatures().length);
  return draw;
}

/** @param {any} feature */
function keepOnly(feature) {
  for (const each of drawn.getFeatures()) if (each !== feature) drawn.removeFeature(each);
}

/** @type {any} */
let drawing = null;

function say() {
  if (facts.kind === "merge") hint.textContent = t("Click two grids that touch.");
  else if (!outline) hint.textContent = t("Click the grid.");
  else if (drawing?.getActive()) hint.textContent = facts.kind === "split" ? t("Draw a line from one side of the grid to the other; a double click ends it.") : t("Click the corners; a double click closes the outline. Corners catch on neighbours.");
  else hint.textContent = t("Drag corners and edges; Alt and click takes a corner away.");
}

/** A click chooses the grid that the form still lacks. @param {any} event */
function chooseAt(event) {
  const grid = map.forEachFeatureAtPixel(event.pixel, (/** @type {any} */ each) => each, { layerFilter: (/** @type {any} */ layer) => layer === layers[0] });
  const boxes = ["grid", "other"].map((name) => /** @type {HTMLSelectElement | null} */ (choice.elements.namedItem(name))).filter((box) => box !== null);
  const box = boxes.find((each) => !each.value) ?? (facts.kind === "merge" ? null : boxes[0]);
  if (!grid || !box || outline) return;
  box.value = String(grid.getId());
  if (boxes.every((each) => each.value)) choice.requestSubmit();
}

function begin() {
  read();
  if (outline) {
    drawing = letDraw(facts.kind === "split" ? "LineString" : "Polygon");
    const modify = new Modify({ source: drawn });
    modify.on("modifyend", write);
    map.addInteraction(modify);
    const again = document.createElement("button");
    Object.assign(again, { type: "button", className: "small", textContent: t("Draw anew") });
    again.addEventListener("click", () => { drawn.clear(); outline.value = ""; drawing.setActive(true); say(); element.focus(); });
    hint.after(again);
    outline.addEventListener("input", () => { read(); drawing.setActive(!drawn.getFeatures().length); say(); });
  }
  // Snapping comes last: it must see the pointer before drawing does.
  map.addInteraction(new Snap({ source: grids, pixelTolerance: SNAP_PIXELS }));
  map.on("click", chooseAt);
  say();
}

function fit() {
  const chosen = facts.chosen.map((/** @type {number} */ id) => grids.getFeatureById(id)).filter(Boolean);
  const box = chosen.length ? chosen.reduce((/** @type {any} */ all, /** @type {any} */ each) => extent.extend(all, each.getGeometry().getExtent()), extent.createEmpty()) : grids.getExtent();
  if (box && !extent.isEmpty(box)) view.fit(box, { padding: [40, 40, 40, 40], maxZoom: 17 });
}

for (const name of ["kind", "grid", "other"]) {
  choice.elements.namedItem(name)?.addEventListener("change", () => { if (name === "kind") choice.requestSubmit(); });
}
onThemeChange(() => layers.forEach((layer) => layer.changed()));
begin();
getJson("/api/v1/grids.geojson").then(({ body }) => {
  grids.addFeatures(ground.read(body));
  for (const geometry of facts.outcome) outcome.addFeatures(ground.read({ type: "Feature", properties: {}, geometry }));
  fit();
  element.dataset.ready = "true";
}, (refusal) => (hint.textContent = refusal.message));
document.getElementById("effect")?.focus();
