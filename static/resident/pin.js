/* Where exactly is the fault? The map moves under a fixed cross. */
import { t } from "/static/shared/i18n.js";
import { colour, font, onThemeChange } from "/static/shared/colours.js";
import {
  Fill,
  GeoJSON,
  Map,
  Stroke,
  Style,
  Text,
  TileLayer,
  VectorLayer,
  VectorSource,
  View,
  XYZ,
  defaultControls,
  fromLonLat,
  gcoord,
  toLonLat,
} from "/static/vendor/ol.js";

const STREET_ZOOM = 17;
// Grid outlines alone say nothing when one stands too close.
const GRID_ZOOM = 12;

/** @param {string} href */
function addSheet(href) {
  return new Promise((loaded) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
    link.addEventListener("load", loaded);
    link.addEventListener("error", loaded);
    document.head.append(link);
  });
}

/** Grid outlines with their names: the ground where there are no tiles. */
function areaLayer() {
  const source = new VectorSource({ url: "/report/area", format: new GeoJSON() });
  const style = (feature) =>
    new Style({
      stroke: new Stroke({ color: colour("line-strong"), width: 1 }),
      text: new Text({
        text: feature.get("name"),
        font: font("14px"),
        fill: new Fill({ color: colour("text") }),
        stroke: new Stroke({ color: colour("ground"), width: 3 }),
      }),
    });
  const layer = new VectorLayer({ source, style, declutter: true });
  onThemeChange(() => layer.changed());
  return layer;
}

/** @param {HTMLElement} box */
function tileLayer({ dataset }) {
  const attributions = dataset.credit ? [dataset.credit] : undefined;
  return new TileLayer({ source: new XYZ({ url: dataset.tiles, attributions }) });
}

function cross() {
  const sprite = document.querySelector('meta[name="icons"]').content;
  const holder = document.createElement("span");
  holder.innerHTML = '<svg class="icon cross" aria-hidden="true"><use></use></svg>';
  holder.querySelector("use").setAttribute("href", `${sprite}#map-pin`);
  return holder.firstElementChild;
}

/**
 * Open the map in a box and tell every place that the cross comes to rest on.
 * @param {HTMLElement} box
 * @param {{lat: number, lon: number} | null} start
 * @param {(place: {lat: number, lon: number}) => void} tell
 */
export async function openMap(box, start, tell) {
  await Promise.all([addSheet(box.dataset.ol), addSheet(box.dataset.look)]);
  box.hidden = false;
  const isShifted = Boolean(box.dataset.tiles) && box.dataset.datum === "gcj02";
  const shift = (pair, from, to) =>
    isShifted ? gcoord.transform(pair, gcoord[from], gcoord[to]) : pair;
  const [lat, lon, zoom] = box.dataset.center.split(",").map(Number);
  const centre = start ? [start.lon, start.lat] : [lon, lat];
  const view = new View({
    center: fromLonLat(shift(centre, "WGS84", "GCJ02")),
    zoom: start ? (box.dataset.tiles ? STREET_ZOOM : GRID_ZOOM) : zoom,
    maxZoom: 19,
  });
  const map = new Map({
    target: box,
    view,
    layers: [box.dataset.tiles ? tileLayer(box) : areaLayer()],
    controls: defaultControls({
      rotate: false,
      zoomOptions: { zoomInTipLabel: t("Nearer"), zoomOutTipLabel: t("Further") },
      attributionOptions: { collapsible: false, tipLabel: t("Whose map it is") },
    }),
  });
  box.append(cross());
  let isFirst = true;
  map.on("moveend", () => {
    // The cross says something only after a person moved the map under it.
    if (isFirst) {
      isFirst = false;
      return;
    }
    const [x, y] = shift(toLonLat(view.getCenter()), "GCJ02", "WGS84");
    tell({ lat: Number(y.toFixed(6)), lon: Number(x.toFixed(6)) });
  });
  box.focus();
}
