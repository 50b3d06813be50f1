/* Which marks of the map stand so near each other that one sign must stand for all of them? */
import { Overlay } from "/static/vendor/ol.js";
import { n, t } from "/static/shared/i18n.js";

/** @typedef {{number: string, at: number[], group: string, level: number, late: boolean}} Mark */

/** Pixels within which marks become one sign, from afar and where streets can be told apart. */
const FAR = 44;
const NEAR = 14;
/** Metres a pixel. */
const STREETS = 5;
const MOST_LISTED = 40;
/** More cells than the world has from south to north, so that one number names a cell. */
const CELLS = 2 ** 25;
/** @type {Mark[][]} */
const NONE = [];
/** Metres below which no zoom tells two marks apart. */
const SAME_PLACE = 12;

/** Overdue before the rest, then by level, then what waits for a crew. @param {Mark} one @param {Mark} other */
export const byUrgency = (one, other) =>
  Number(other.late) - Number(one.late) || one.level - other.level || Number(other.group === "waiting") - Number(one.group === "waiting") || (one.number < other.number ? -1 : 1);

/**
 * Put marks together; each sign stands where its most urgent mark is, which comes first in it.
 * @param {Mark[]} marks the most urgent first @param {number} resolution metres a pixel
 * @returns {Mark[][]}
 */
export function gather(marks, resolution) {
  const reach = resolution * (resolution > STREETS ? FAR : NEAR);
  /** @type {Map<number, Mark[][]>} */
  const cells = new Map();
  /** @type {Mark[][]} */
  const signs = [];
  for (const mark of marks) {
    const cell = Math.floor(mark.at[0] / reach) * CELLS + Math.floor(mark.at[1] / reach);
    const found = signNear(cells, cell, mark, reach);
    if (found) {
      found.push(mark);
      continue;
    }
    const sign = [mark];
    signs.push(sign);
    const here = cells.get(cell);
    if (here) here.push(sign);
    else cells.set(cell, [sign]);
  }
  return signs;
}

/** @param {Map<number, Mark[][]>} cells @param {number} cell @param {Mark} mark @param {number} reach */
function signNear(cells, cell, { at: [x, y] }, reach) {
  for (let column = -CELLS; column <= CELLS; column += CELLS) {
    for (let near = cell + column - 1; near <= cell + column + 1; near += 1) {
      for (const sign of cells.get(near) ?? NONE) {
        const [first] = sign;
        if ((first.at[0] - x) ** 2 + (first.at[1] - y) ** 2 <= reach ** 2) return sign;
      }
    }
  }
  return null;
}

/** What a sign says to who cannot see it. @param {Mark[]} marks */
export function wordsOf(marks) {
  const late = marks.filter((mark) => mark.late).length;
  const waiting = marks.filter((mark) => mark.group === "waiting").length;
  return [
    n("%(count)s ticket here", "%(count)s tickets here", marks.length),
    late && t("%(count)s overdue", { count: late }),
    waiting && n("%(count)s needs a crew", "%(count)s need a crew", waiting),
    t("the most urgent of level %(level)s", { level: Math.min(...marks.map((mark) => mark.level)) }),
  ].filter(Boolean).join(", ");
}

/** @param {string} tag @param {string} className @param {Record<string, string>} [rest] */
const make = (tag, className, rest = {}) => Object.assign(document.createElement(tag), { className, ...rest });

/**
 * Signs over a map as buttons, so that the keyboard reaches them.
 * @param {any} map
 * @param {{zoomTo: (points: number[][]) => void, onTicket: (number: string) => void, nameTicket: (number: string) => string}} options
 */
export function clusterSigns(map, { zoomTo, onTicket, nameTicket }) {
  /** @type {Map<string, {overlay: any, button: HTMLElement, marks: Mark[]}>} */
  const shown = new Map();
  /** @type {any} */
  let list = null;

  const closeList = () => {
    if (list) map.removeOverlay(list);
    list = null;
  };

  /** @param {Mark[]} marks @param {HTMLElement} button */
  function openList(marks, button) {
    closeList();
    const box = make("div", "cluster-list");
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", wordsOf(marks));
    for (const { number, late } of marks.slice(0, MOST_LISTED)) {
      const row = make("button", "bare", { type: "button", textContent: nameTicket(number) });
      if (late) row.append(make("span", "late-word", { textContent: t("overdue") }));
      row.addEventListener("click", () => { closeList(); onTicket(number); });
      box.append(row);
    }
    if (marks.length > MOST_LISTED) box.append(make("p", "muted", { textContent: t("The %(count)s most urgent of %(total)s; search the list for the rest.", { count: MOST_LISTED, total: marks.length }) }));
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      closeList();
      button.focus();
    });
    list = new Overlay({ element: box, position: marks[0].at, positioning: "top-center", offset: [0, 20], className: "cluster-list-place", autoPan: { animation: { duration: 0 }, margin: 12 } });
    map.addOverlay(list);
    /** @type {HTMLElement} */ (box.firstElementChild).focus();
  }

  /** @param {Mark[]} marks @param {HTMLElement} button */
  function open(marks, button) {
    const [xs, ys] = [0, 1].map((axis) => marks.map((mark) => mark.at[axis]));
    const span = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
    const view = map.getView();
    if (span < SAME_PLACE || view.getZoom() >= view.getMaxZoom() - 0.1) return openList(marks, button);
    map.getTargetElement().focus({ preventScroll: true });
    return zoomTo(marks.map((mark) => mark.at));
  }

  /** @param {Mark[]} marks @param {HTMLElement} button */
  function dress(marks, button) {
    const words = wordsOf(marks);
    if (button.getAttribute("aria-label") === words) return;
    button.setAttribute("aria-label", words);
    button.title = words;
    button.dataset.level = String(marks[0].level);
    button.dataset.late = String(marks[0].late);
    button.dataset.size = marks.length > 99 ? "large" : "small";
    button.textContent = String(marks.length);
  }

  /** @param {string} key @param {Mark[]} marks */
  function add(key, marks) {
    const button = make("button", "cluster", { type: "button" });
    const overlay = new Overlay({ element: button, position: marks[0].at, positioning: "center-center", stopEvent: true, className: "cluster-place" });
    const sign = { overlay, button, marks };
    button.addEventListener("click", () => open(sign.marks, button));
    shown.set(key, sign);
    map.addOverlay(overlay);
    return sign;
  }

  /** Who has the focus when the sign of these tickets is gone. @param {Mark[]} marks @returns {HTMLElement} */
  function heirOf(marks) {
    const numbers = new Set(marks.map((mark) => mark.number));
    const heir = [...shown.values()].find((sign) => sign.marks.some((mark) => numbers.has(mark.number)));
    return heir?.button ?? map.getTargetElement();
  }

  return {
    closeList,
    /** Show these signs and no others; one that goes hands the focus to the sign of its tickets. @param {Mark[][]} signs */
    show(signs) {
      const stays = new Map(signs.map((marks) => [marks[0].number, marks]));
      const held = [...shown.values()].find(({ button }) => button === document.activeElement);
      for (const [key, { overlay }] of shown) {
        if (stays.has(key)) continue;
        map.removeOverlay(overlay);
        shown.delete(key);
      }
      for (const [key, marks] of stays) {
        const sign = shown.get(key) ?? add(key, marks);
        if (sign.marks === marks && sign.button.textContent) continue;
        sign.marks = marks;
        sign.overlay.setPosition(marks[0].at);
        dress(marks, sign.button);
      }
      if (held && !held.button.isConnected) heirOf(held.marks).focus({ preventScroll: true });
    },
  };
}
