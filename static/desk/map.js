/* Where are the grids, the tickets and the crews, and what does a click on the map mean? */
import {
  Attribution, defaultControls, Feature, fromLonLat, GeoJSON, LineString, Map as OpenMap, Point, ScaleLine, TileLayer, toLonLat,
  VectorLayer, VectorSource, View, XYZ, Zoom, gcoord, addProjection, addCoordinateTransforms, Projection, getProjection, extent,
} from "/static/vendor/ol.js";
import { onThemeChange } from "/static/shared/colours.js";
import { t } from "/static/shared/i18n.js";
import { crewStyle, forgetStyles, gridStyle, pinStyle, ticketStyle, wayStyle } from "./map_styles.js";

/** @typedef {{lat: number, lon: number}} Spot */

/** Tiles in GCJ-02 are a projection of their own: points are moved when they are drawn, never in the tables. */
function chinese() {
  const known = getProjection("GCJ02");
  if (known) return known;
  const projection = new Projection({ code: "GCJ02", units: "m", extent: getProjection("EPSG:3857")?.getExtent(), global: true });
  addProjection(projection);
  const there = (/** @type {number[]} */ at) => fromLonLat(gcoord.transform([at[0], at[1]], gcoord.WGS84, gcoord.GCJ02));
  const back = (/** @type {number[]} */ at) => gcoord.transform(toLonLat(at), gcoord.GCJ02, gcoord.WGS84);
  addCoordinateTransforms("EPSG:4326", projection, there, back);
  addCoordinateTransforms("EPSG:3857", projection, (/** @type {number[]} */ at) => there(toLonLat(at)), (/** @type {number[]} */ at) => fromLonLat(back(at)));
  return projection;
}

/** @param {any} settings */
function tilesFor(settings) {
  if (!settings.url) return [];
  const source = new XYZ({ url: settings.url, attributions: settings.attribution || undefined });
  return [new TileLayer({ source, className: "ol-layer basemap" })];
}

/**
 * Draw a map into an element.
 * @param {HTMLElement} element
 * @param {{settings: any, onTicket?: (number: string) => void, onPoint?: (spot: Spot) => boolean, onGrid?: (id: number | null) => void, nameGrid?: (grid: any) => string}} options
 *   `onPoint` gets every click first and answers whether it took it
 */
export function createMap(element, { settings, onTicket, onPoint, onGrid, nameGrid }) {
  const isChinese = settings.url && settings.datum === "gcj02";
  const projection = isChinese ? chinese() : "EPSG:3857";
  const at = (/** @type {Spot} */ { lat, lon }) => (isChinese ? fromLonLat(gcoord.transform([lon, lat], gcoord.WGS84, gcoord.GCJ02)) : fromLonLat([lon, lat]));
  const source = { grids: new VectorSource(), ways: new VectorSource(), crews: new VectorSource(), tickets: new VectorSource(), pin: new VectorSource() };
  let chosen = "";
  let chosenCrew = 0;
  const layers = {
    grids: new VectorLayer({ source: source.grids, style: gridStyle, declutter: "grids" }),
    ways: new VectorLayer({ source: source.ways, style: wayStyle }),
    tickets: new VectorLayer({ source: source.tickets, style: (/** @type {any} */ each) => ticketStyle(each, each.getId() === chosen) }),
    crews: new VectorLayer({ source: source.crews, declutter: "crews", style: (/** @type {any} */ each, /** @type {number} */ resolution) => crewStyle(each, resolution, each.getId() === chosenCrew) }),
    pin: new VectorLayer({ source: source.pin, style: pinStyle }),
  };
  const view = new View({ projection, center: at({ lat: settings.center[1], lon: settings.center[0] }), zoom: settings.zoom, maxZoom: 19, minZoom: 3 });
  const map = new OpenMap({
    target: element, layers: [...tilesFor(settings), ...Object.values(layers)], view,
    controls: defaultControls({ attribution: false, zoom: false, rotate: false }).extend([
      new Zoom({ zoomInTipLabel: t("Nearer"), zoomOutTipLabel: t("Further") }), new ScaleLine(), new Attribution({ collapsible: false, tipLabel: t("Whose map it is") }),
    ]),
  });
  const hit = (/** @type {any} */ pixel) => map.forEachFeatureAtPixel(pixel, (/** @type {any} */ each) => each.get("ticket") ?? null, {
    hitTolerance: 6, layerFilter: (/** @type {any} */ layer) => layer === layers.tickets || layer === layers.crews,
  });
  const gridAt = (/** @type {any} */ pixel) => map.forEachFeatureAtPixel(pixel, (/** @type {any} */ each) => ({ id: each.getId(), ...each.getProperties() }), { layerFilter: (/** @type {any} */ layer) => layer === layers.grids });
  map.on("click", (/** @type {any} */ event) => {
    const [lon, lat] = toLonLat(event.coordinate);
    const spot = isChinese ? gcoord.transform([lon, lat], gcoord.GCJ02, gcoord.WGS84) : [lon, lat];
    if (onPoint?.({ lat: spot[1], lon: spot[0] })) return;
    const number = hit(event.pixel);
    if (number) onTicket?.(number);
    else onGrid?.(gridAt(event.pixel)?.id ?? null);
  });
  map.on("pointermove", (/** @type {any} */ event) => {
    if (event.dragging) return;
    element.classList.toggle("over-ticket", Boolean(hit(event.pixel)));
    element.title = nameGrid?.(gridAt(event.pixel)) ?? "";
  });
  const stop = onThemeChange(() => {
    forgetStyles();
    Object.values(layers).forEach((layer) => layer.changed());
  });

  // Where the installation says where its map begins, the button alone shows every grid.
  let isFitted = Boolean(settings.isChosen);
  /** The margins of what is in sight: a panel over the map hides its side of it. @param {number} least */
  const seen = (least) => {
    const panel = element.parentElement?.querySelector("[data-open=true]")?.getBoundingClientRect();
    const frame = element.getBoundingClientRect();
    if (!panel) return [least, least, least + 12, least];
    const isBelow = panel.width > frame.width * 0.8;
    return isBelow ? [least, least, frame.bottom - panel.top + least, least] : [least, frame.right - panel.left + least, least + 12, least];
  };
  const fit = () => {
    const box = source.grids.getFeatures().length ? source.grids.getExtent() : source.tickets.getExtent();
    const [width, height] = map.getSize() ?? [0, 0];
    if (!box || extent.isEmpty(box) || !width || !height) return;
    isFitted = true;
    view.fit(box, { padding: seen(28), maxZoom: 16 });
  };
  // A map behind another tab has no size yet; it is fitted when it is first seen.
  map.on("change:size", () => { if (!isFitted) fit(); });

  return {
    map,
    fit,
    /** @param {any} collection GeoJSON in WGS-84 */
    showGrids(collection) {
      source.grids.clear();
      source.grids.addFeatures(new GeoJSON().readFeatures(collection, { dataProjection: "EPSG:4326", featureProjection: projection }));
      if (!isFitted) fit();
    },
    /** Tint the grids by the chance of an arrival in time; null shows whose they are. @param {Map<number, number> | null} chances @param {number | null} picked */
    showCoverage(chances, picked) {
      for (const each of source.grids.getFeatures()) {
        const chance = chances?.get(each.getId());
        if (chance === undefined) each.unset("chance", true);
        else each.set("chance", chance, true);
        each.set("picked", each.getId() === picked, true);
      }
      layers.grids.changed();
    },
    /** Bring a grid, or a place, into sight. @param {number | Spot} where */
    lookAt(where) {
      const duration = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 250;
      if (typeof where !== "number") return void view.animate({ center: at(where), zoom: Math.max(view.getZoom() ?? 0, 13), duration });
      const grid = source.grids.getFeatureById(where);
      if (grid) view.fit(grid.getGeometry().getExtent(), { padding: seen(40), maxZoom: 14, duration });
    },
    /** Bring the marks to the list; a mark that stays is moved and not drawn anew. @param {{number: string, spot: Spot, group: string, level: number, late: boolean}[]} marks */
    showTickets(marks) {
      const stays = new Set(marks.map((mark) => mark.number));
      for (const each of source.tickets.getFeatures()) if (!stays.has(each.getId())) source.tickets.removeFeature(each);
      const fresh = [];
      for (const { number, spot, ...looks } of marks) {
        const known = source.tickets.getFeatureById(number);
        const feature = known ?? new Feature({ geometry: new Point(at(spot)), ticket: number });
        const seen = known && Object.entries(looks).every(([name, value]) => known.get(name) === value);
        const place = at(spot);
        const was = feature.getGeometry().getCoordinates();
        if (was[0] !== place[0] || was[1] !== place[1]) feature.getGeometry().setCoordinates(place);
        if (!seen) feature.setProperties(looks);
        if (!known) { feature.setId(number); fresh.push(feature); }
      }
      source.tickets.addFeatures(fresh);
    },
    /** @param {{id: number, name: string, spot: Spot, age: number | null, busy: boolean, eta: string, ticket: string | null}[]} vans */
    showCrews(vans) {
      const stays = new Set(vans.map((van) => van.id));
      for (const each of source.crews.getFeatures()) if (!stays.has(each.getId())) source.crews.removeFeature(each);
      for (const { id, spot, ...looks } of vans) {
        let feature = source.crews.getFeatureById(id);
        if (!feature) {
          feature = new Feature({ geometry: new Point(at(spot)) });
          feature.setId(id);
          source.crews.addFeature(feature);
        }
        feature.getGeometry().setCoordinates(at(spot));
        feature.setProperties(looks);
      }
    },
    /** @param {{from: Spot, to: Spot, chosen: boolean}[]} ways */
    showWays(ways) {
      source.ways.clear();
      source.ways.addFeatures(ways.map(({ from, to, ...looks }) => new Feature({ geometry: new LineString([at(from), at(to)]), ...looks })));
    },
    /** Ring the chosen ticket and its crew; move only when the ticket is out of sight. @param {string} number @param {number} crewId @param {Spot | null} spot */
    choose(number, crewId, spot) {
      const isNew = number !== chosen;
      [chosen, chosenCrew] = [number, crewId];
      layers.tickets.changed();
      layers.crews.changed();
      if (!spot || !isNew || !isFitted) return;
      const place = at(spot);
      const box = view.calculateExtent(map.getSize());
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      const nearer = Math.max(view.getZoom() ?? 0, 13);
      if (!extent.containsCoordinate(extent.buffer(box, -0.12 * extent.getWidth(box)), place)) {
        view.animate({ center: place, zoom: nearer, duration: calm ? 0 : 250 });
      }
    },
    /** Set or take away the pin of the call. @param {Spot | null} spot @param {boolean} [look] also bring it into sight */
    showPin(spot, look = false) {
      source.pin.clear();
      if (!spot) return;
      source.pin.addFeature(new Feature({ geometry: new Point(at(spot)) }));
      if (!look) return;
      isFitted = true;
      view.animate({ center: at(spot), zoom: Math.max(view.getZoom() ?? 0, 14), duration: 0 });
    },
    dispose() {
      stop();
      map.setTarget(undefined);
    },
  };
}
