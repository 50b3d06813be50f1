/* How is the way of a crew drawn on the map, and the crew where it was at an instant? */
import { CircleStyle, Feature, Fill, LineString, Point, RegularShape, Stroke, Style, Text, VectorLayer, VectorSource, extent } from "/static/vendor/ol.js";
import { colour, font } from "/static/shared/colours.js";
import { countUntil, markName, piecesOf, placeAt } from "./track.js";

/** @param {string} words @param {number} offset */
const label = (words, offset) => new Text({
  text: words, font: font("600 13px"), offsetY: offset, padding: [2, 6, 2, 6], overflow: true,
  fill: new Fill({ color: colour("text") }), backgroundFill: new Fill({ color: colour("raised") }), backgroundStroke: new Stroke({ color: colour("line-strong"), width: 1 }),
});

/** A wide light edge under a line keeps it legible on any ground. @param {string} tone @param {number} width @param {number[]} [dash] */
const stroked = (tone, width, dash) => [
  new Style({ zIndex: 1, stroke: new Stroke({ color: colour("ground", 0.85), width: width + 3 }) }),
  new Style({ zIndex: 2, stroke: new Stroke({ color: colour(tone), width, lineDash: dash, lineCap: "round" }) }),
];

/** An arrival is a filled square, an end a hollow one, a set-off a triangle. @param {string} kind */
function signOf(kind) {
  const [fill, stroke] = [new Fill({ color: colour(kind === "ended" ? "ground" : "accent") }), new Stroke({ color: colour(kind === "ended" ? "accent" : "ground"), width: 2 })];
  if (kind === "set_off") return new RegularShape({ points: 3, radius: 7, fill, stroke });
  return new RegularShape({ points: 4, radius: 8, angle: Math.PI / 4, fill, stroke });
}

/** @param {any} each @param {number} resolution */
function styleOf(each, resolution) {
  const kind = each.get("kind");
  if (kind === "piece") return each.get("isGap") ? stroked("text-muted", 2, [2, 8]) : stroked("hold", 3);
  if (kind === "past") return stroked("accent", 4);
  if (kind === "here") {
    const isKnown = !each.get("isLost");
    return new Style({
      zIndex: 60, text: label(each.get("words"), 24),
      image: new CircleStyle({ radius: 10, fill: new Fill({ color: colour(isKnown ? "accent" : "ground") }), stroke: new Stroke({ color: colour(isKnown ? "ground" : "text-muted"), width: 3, lineDash: isKnown ? undefined : [3, 4] }) }),
    });
  }
  const words = kind === "set_off" || resolution > 30 ? undefined : label(each.get("words"), -20);
  return new Style({ zIndex: 40, image: signOf(kind), text: words });
}

/**
 * A layer for one way. @param {(spot: {lat: number, lon: number}) => number[]} at a place on the map
 */
export function trackLayer(at) {
  const source = new VectorSource();
  const layer = new VectorLayer({ source, style: styleOf, zIndex: 5 });
  /** @type {import("./track.js").Way | null} */
  let way = null;
  /** @type {number[][]} */
  let corners = [];
  const past = new Feature({ kind: "past" });
  const here = new Feature({ kind: "here" });
  return {
    layer,
    /** Draw a way, or take it away; answers with the box it fills. @param {import("./track.js").Way | null} wanted */
    show(wanted) {
      way = wanted;
      source.clear();
      if (!way) return null;
      const drawn = way;
      corners = way.fixes.map(at);
      source.addFeatures(piecesOf(way).map(({ isGap, fixes }) => new Feature({ geometry: new LineString(fixes.map(at)), kind: "piece", isGap })));
      source.addFeatures(way.marks.map((mark) => {
        const spot = placeAt(drawn, mark.at);
        return new Feature({ geometry: spot ? new Point(at(spot)) : undefined, kind: mark.kind, words: `${mark.ticket} ${markName(mark.kind)}` });
      }));
      source.addFeatures([past, here]);
      return corners.length ? extent.boundingExtent(corners) : null;
    },
    /** Put the crew where it was. @param {number} when milliseconds @param {string} words beside it */
    move(when, words) {
      const spot = way && placeAt(way, when);
      if (!way || !spot) return void here.setGeometry(undefined);
      const count = countUntil(way.fixes, when);
      past.setGeometry(count ? new LineString([...corners.slice(0, count), at(spot)]) : undefined);
      here.setProperties({ words, isLost: spot.since !== null }, true);
      here.setGeometry(new Point(at(spot)));
    },
  };
}
