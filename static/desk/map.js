/* Where are the grids, the tickets and the crews, and what does a click on the map mean? */
import {
  Attribution, defaultControls, Feature, LineString, Map as OpenMap, Point, ScaleLine, VectorLayer, VectorSource, View, Zoom, extent,
} from "/static/vendor/ol.js";
import { onThemeChange } from "/static/shared/colours.js";
import { t } from "/static/shared/i18n.js";
import { byUrgency, clusterSigns, gather } from "./clusters.js";
import { crewLabels } from "./crew_labels.js";
import { groundOf } from "./ground.js";
import { trackLayer } from "./map_track.js";
import { crewStyle, crewWords, forgetStyles, gridStyle, noticeStyle, pinStyle, seenWords, ticketStyle, wayStyle } from "./map_styles.js";

/** @typedef {{lat: number, lon: number}} Spot */

/** How long a movement of the map takes, in milliseconds. */
const duration = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 250);

/**
 * Draw a map into an element.
 * @param {HTMLElement} element
 * @param {{settings: any, onTicket?: (number: string) => void, onPoint?: (spot: Spot) => boolean, onCrew?: (id: number) => void,
 *   onGrid?: (id: number | null) => void, nameGrid?: (grid: any) => string, nameTicket?: (number: string) => string, onLost?: () => void}} options
 *   `onPoint` gets every click first and answers whether it took it; `onLost` is called once when tiles do not come
 */
export function createMap(element, { settings, onTicket, onPoint, onCrew, onGrid, nameGrid, nameTicket, onLost }) {
  const ground = groundOf(settings, onLost);
  const at = ground.to;
  const source = { grids: new VectorSource(), notices: new VectorSource(), ways: new VectorSource(), crews: new VectorSource(), tickets: new VectorSource(), pin: new VectorSource() };
  let chosen = "";
  let chosenCrew = 0;
  let shownCrew = 0;
  const track = trackLayer(at);
  const layers = {
    grids: new VectorLayer({ source: source.grids, style: gridStyle, declutter: "grids" }),
    notices: new VectorLayer({ source: source.notices, style: noticeStyle }),
    ways: new VectorLayer({ source: source.ways, style: wayStyle }),
    tickets: new VectorLayer({ source: source.tickets, style: (/** @type {any} */ each) => ticketStyle(each, each.getId() === chosen) }),
    crews: new VectorLayer({ source: source.crews, declutter: "crews", style: (/** @type {any} */ each, /** @type {number} */ resolution) => crewStyle(each, resolution, each.getId() === chosenCrew || each.getId() === shownCrew) }),
    track: track.layer,
    pin: new VectorLayer({ source: source.pin, style: pinStyle }),
  };
  const view = new View({ center: at({ lat: settings.center[1], lon: settings.center[0] }), zoom: settings.zoom, maxZoom: 19, minZoom: 3 });
  const map = new OpenMap({
    target: element, layers: [...ground.layers, ...Object.values(layers)], view,
    controls: defaultControls({ attribution: false, zoom: false, rotate: false }).extend([
      new Zoom({ zoomInTipLabel: t("Nearer"), zoomOutTipLabel: t("Further") }), new ScaleLine(), new Attribution({ collapsible: false, tipLabel: t("Whose map it is") }),
    ]),
  });
  const hit = (/** @type {any} */ pixel) => map.forEachFeatureAtPixel(pixel, (/** @type {any} */ each) => ({ ticket: each.get("ticket"), crew: each.get("crew"), words: each.get("crew") ? [each.get("name"), seenWords(each.get("age"), true)].join(" · ") : "" }), {
    hitTolerance: 6, layerFilter: (/** @type {any} */ layer) => layer === layers.tickets || layer === layers.crews,
  });
  const gridAt = (/** @type {any} */ pixel) => map.forEachFeatureAtPixel(pixel, (/** @type {any} */ each) => ({ id: each.getId(), ...each.getProperties() }), { layerFilter: (/** @type {any} */ layer) => layer === layers.grids });
  map.on("click", (/** @type {any} */ event) => {
    signs.closeList();
    if (onPoint?.(ground.from(event.coordinate))) return;
    const found = hit(event.pixel);
    if (found?.ticket) onTicket?.(found.ticket);
    if (found?.crew) onCrew?.(found.crew);
    if (!found) onGrid?.(gridAt(event.pixel)?.id ?? null);
  });
  map.on("pointermove", (/** @type {any} */ event) => {
    if (event.dragging) return;
    const found = hit(event.pixel);
    element.classList.toggle("over-ticket", Boolean(found));
    element.title = found?.words || (nameGrid?.(gridAt(event.pixel)) ?? "");
  });
  const stop = onThemeChange(() => {
    forgetStyles();
    Object.values(layers).forEach((layer) => layer.changed());
  });

  /** @type {import("./clusters.js").Mark[]} */
  let marks = [];
  /** @type {import("./clusters.js").Mark[][]} */
  let groups = [];
  /** What is drawn by itself, by number. @type {Map<string, import("./clusters.js").Mark>} */
  const drawn = new Map();
  /** @type {Map<string, {lat: number, lon: number, place: number[]}>} */
  const places = new Map();
  const signs = clusterSigns(map, {
    onTicket: (number) => onTicket?.(number),
    nameTicket: (number) => nameTicket?.(number) ?? number,
    zoomTo: (points) => view.fit(extent.boundingExtent(points), { padding: [70, 70, 70, 70], maxZoom: view.getMaxZoom(), duration: duration() }),
  });
  const labels = crewLabels(map);
  /** Name the chosen crews over the signs. */
  function nameChosen() {
    layers.crews.changed();
    const found = [...new Set([chosenCrew, shownCrew])].map((id) => source.crews.getFeatureById(id)).filter(Boolean);
    labels.show(found.map((each) => ({ id: each.getId(), at: each.getGeometry().getCoordinates(), words: crewWords(each, true) })));
  }
  function arrange() {
    groups = gather(marks, view.getResolution() ?? 1);
    part();
  }
  /** Draw each mark by itself or in a sign for several; the chosen one always by itself. */
  function part() {
    const own = marks.find((mark) => mark.number === chosen);
    const parted = own ? groups.map((group) => (group.includes(own) ? group.filter((mark) => mark !== own) : group)) : groups;
    const alone = parted.filter((group) => group.length === 1).map(([mark]) => mark);
    draw(own ? [...alone, own] : alone);
    const frame = map.getSize();
    const box = frame ? extent.buffer(view.calculateExtent(frame), 60 * (view.getResolution() ?? 1)) : null;
    signs.show(box ? parted.filter((group) => group.length > 1 && extent.containsCoordinate(box, group[0].at)) : []);
  }
  /** @param {string} number @param {Spot} spot */
  function placeOf(number, spot) {
    const known = places.get(number);
    if (known && known.lat === spot.lat && known.lon === spot.lon) return known.place;
    const place = at(spot);
    places.set(number, { ...spot, place });
    return place;
  }
  /** @param {import("./clusters.js").Mark[]} alone */
  function draw(alone) {
    const stays = new Set(alone.map((mark) => mark.number));
    const gone = [...drawn.keys()].filter((number) => !stays.has(number));
    for (const number of gone) drawn.delete(number);
    source.tickets.removeFeatures(gone.map((number) => source.tickets.getFeatureById(number)));
    const fresh = [];
    for (const mark of alone) {
      const { number, at: place, ...looks } = mark;
      if (drawn.get(number) === mark) continue;
      drawn.set(number, mark);
      const known = source.tickets.getFeatureById(number);
      const feature = known ?? new Feature({ geometry: new Point(place), ticket: number });
      const isSame = known && Object.entries(looks).every(([name, value]) => known.get(name) === value);
      const was = feature.getGeometry().getCoordinates();
      if (was[0] !== place[0] || was[1] !== place[1]) feature.getGeometry().setCoordinates(place);
      if (!isSame) feature.setProperties(looks);
      if (!known) { feature.setId(number); fresh.push(feature); }
    }
    source.tickets.addFeatures(fresh);
  }
  map.on("moveend", arrange);

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
    const box = source.grids.getFeatures().length ? source.grids.getExtent() : extent.boundingExtent(marks.map((mark) => mark.at));
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
      source.grids.addFeatures(ground.read(collection));
      if (!isFitted) fit();
    },
    /** Hatch the areas of interruptions in force. @param {any} collection GeoJSON in WGS-84, each with `words` */
    showNotices(collection) {
      source.notices.clear();
      source.notices.addFeatures(ground.read(collection));
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
      if (typeof where !== "number") return void view.animate({ center: at(where), zoom: Math.max(view.getZoom() ?? 0, 13), duration: duration() });
      const grid = source.grids.getFeatureById(where);
      if (grid) view.fit(grid.getGeometry().getExtent(), { padding: seen(40), maxZoom: 14, duration: duration() });
    },
    /** Bring the marks to the list; a mark that stays is moved and not drawn anew. @param {{number: string, spot: Spot, group: string, level: number, late: boolean}[]} all */
    showTickets(all) {
      marks = all.map(({ spot, number, group, level, late }) => ({ number, group, level, late, at: placeOf(number, spot) })).sort(byUrgency);
      arrange();
    },
    /** `reach` is how exact the position is, in metres. @param {{id: number, name: string, spot: Spot, age: number | null, reach: number | null, busy: boolean, eta: string, ticket: string | null}[]} vans */
    showCrews(vans) {
      const stays = new Set(vans.map((van) => van.id));
      for (const each of source.crews.getFeatures()) if (!stays.has(each.getId())) source.crews.removeFeature(each);
      for (const { id, spot, ...looks } of vans) {
        let feature = source.crews.getFeatureById(id);
        if (!feature) {
          feature = new Feature({ geometry: new Point(at(spot)), crew: id });
          feature.setId(id);
          source.crews.addFeature(feature);
        }
        feature.getGeometry().setCoordinates(at(spot));
        feature.setProperties(looks);
      }
      nameChosen();
    },
    /** @param {{line: Spot[], isRoad: boolean, chosen: boolean, asked: boolean, words: string}[]} ways */
    showWays(ways) {
      source.ways.clear();
      source.ways.addFeatures(ways.map(({ line, ...looks }) => new Feature({ geometry: new LineString(line.map((spot) => at(spot))), ...looks })));
    },
    /** Ring the chosen ticket and its crew; move only when the ticket is out of sight. @param {string} number @param {number} crewId @param {Spot | null} spot */
    choose(number, crewId, spot) {
      const isNew = number !== chosen;
      [chosen, chosenCrew] = [number, crewId];
      if (isNew) part();
      layers.tickets.changed();
      nameChosen();
      if (!spot || !isNew || !isFitted) return;
      const place = at(spot);
      const box = view.calculateExtent(map.getSize());
      const nearer = Math.max(view.getZoom() ?? 0, 13);
      if (!extent.containsCoordinate(extent.buffer(box, -0.12 * extent.getWidth(box)), place)) {
        view.animate({ center: place, zoom: nearer, duration: duration() });
      }
    },
    /** Ring a crew that was asked for. @param {number} id */
    ring(id) {
      shownCrew = id;
      nameChosen();
    },
    /** Draw the way of a crew and bring it into sight, or take it away. @param {import("./track.js").Way | null} way */
    showTrack(way) {
      const box = track.show(way);
      layers.crews.setOpacity(way ? 0.35 : 1);
      if (!box) return;
      isFitted = true;
      view.fit(extent.buffer(box, 60 * (view.getResolution() ?? 1)), { padding: [40, 40, 240, 40], maxZoom: 16, duration: duration() });
    },
    moveTrack: track.move,
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
