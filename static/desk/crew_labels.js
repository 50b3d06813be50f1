/* How is the name of a chosen crew read on the map, whatever else stands there? */
import { Overlay } from "/static/vendor/ol.js";

/** Pixels from the middle of a van to the name under it. */
const BELOW = 15;

/**
 * Names over everything else on a map; a click on one falls through to the map.
 * @param {any} map
 */
export function crewLabels(map) {
  /** @type {Map<number, any>} */
  const shown = new Map();
  return {
    /** Show these names and no others. @param {{id: number, at: number[], words: string}[]} labels */
    show(labels) {
      for (const [id, overlay] of shown) {
        if (labels.some((each) => each.id === id)) continue;
        map.removeOverlay(overlay);
        shown.delete(id);
      }
      for (const { id, at, words } of labels) {
        let overlay = shown.get(id);
        if (!overlay) {
          const element = Object.assign(document.createElement("span"), { className: "crew-label" });
          overlay = new Overlay({ element, positioning: "top-center", offset: [0, BELOW], stopEvent: false, className: "crew-label-place" });
          shown.set(id, overlay);
          map.addOverlay(overlay);
        }
        overlay.getElement().textContent = words;
        overlay.setPosition(at);
      }
    },
  };
}
