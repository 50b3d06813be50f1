/* What lies under the map, in which datum is it, and so where does a point of ours belong on it? */
import { fromLonLat, gcoord, GeoJSON, TileLayer, toLonLat, XYZ } from "/static/vendor/ol.js";

/** @typedef {{lat: number, lon: number}} Spot */

/** Degrees; a tenth of a millimetre. */
const EXACT = 1e-9;
const ROUNDS = 12;
/** So long, in milliseconds, a map server may be silent before it counts as lost. */
const PATIENCE = 10_000;

/** @param {number[]} at longitude, latitude in WGS-84 */
const toGcj = ([lon, lat]) => gcoord.transform([lon, lat], gcoord.WGS84, gcoord.GCJ02);

/** The formula runs one way; the other is found by going back what was missed. @param {number[]} at @returns {number[]} */
function fromGcj(at) {
  let guess = [at[0], at[1]];
  for (let round = 0; round < ROUNDS; round += 1) {
    const seen = toGcj(guess);
    const [east, north] = [at[0] - seen[0], at[1] - seen[1]];
    guess = [guess[0] + east, guess[1] + north];
    if (Math.abs(east) < EXACT && Math.abs(north) < EXACT) break;
  }
  return guess;
}

/** Tell once when a tile is refused, or none comes for a while. @param {any} source @param {() => void} lost @param {number} patience */
function watch(source, lost, patience) {
  let isTold = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let silence;
  const tell = () => {
    clearTimeout(silence);
    if (!isTold) lost();
    isTold = true;
  };
  source.on("tileloadstart", () => { if (!isTold) silence ??= setTimeout(tell, patience); });
  source.on("tileloadend", () => { clearTimeout(silence); silence = undefined; });
  source.on("tileloaderror", tell);
}

/**
 * The tiles of the installation, if any, and where a WGS-84 point lies on them. Tiles in GCJ-02
 * keep their place and everything of ours is moved to them; the tables stay in WGS-84.
 * @param {{url: string, datum: string, attribution: string}} settings @param {() => void} [onLost] called once when tiles do not come
 * @param {number} [patience] milliseconds
 */
export function groundOf(settings, onLost, patience = PATIENCE) {
  const isShifted = Boolean(settings.url) && settings.datum === "gcj02";
  /** @type {any[]} */
  const layers = [];
  if (settings.url) {
    const source = new XYZ({ url: settings.url, attributions: settings.attribution || undefined, transition: 0 });
    watch(source, () => onLost?.(), patience);
    layers.push(new TileLayer({ source, className: "ol-layer basemap" }));
  }
  const there = (/** @type {number[]} */ at) => fromLonLat(isShifted ? toGcj(at) : at);
  const back = (/** @type {number[]} */ at) => (isShifted ? fromGcj(toLonLat(at)) : toLonLat(at));
  const each = (/** @type {(at: number[]) => number[]} */ turn) => (/** @type {number[]} */ from, /** @type {number[]} */ into, /** @type {number} */ stride) => {
    for (let at = 0; at < from.length; at += stride) [into[at], into[at + 1]] = turn([from[at], from[at + 1]]);
    return into;
  };
  return {
    layers,
    /** @param {Spot} spot in WGS-84 */
    to: ({ lat, lon }) => there([lon, lat]),
    /** @param {number[]} at on the map @returns {Spot} */
    from: (at) => {
      const [lon, lat] = back(at);
      return { lat, lon };
    },
    /** @param {any} collection GeoJSON in WGS-84 @returns {any[]} features on the map */
    read(collection) {
      const features = new GeoJSON().readFeatures(collection);
      for (const feature of features) feature.getGeometry()?.applyTransform(each(there));
      return features;
    },
    /** @param {any} geometry on the map @returns {any} GeoJSON in WGS-84 */
    write(geometry) {
      const copy = geometry.clone();
      copy.applyTransform(each(back));
      return new GeoJSON().writeGeometryObject(copy, { decimals: 7 });
    },
  };
}
