/* How do grids, tickets and crews look on the map, in the colours of the page? */
import { Circle, CircleStyle, Fill, Icon, RegularShape, Stroke, Style, Text } from "/static/vendor/ol.js";
import { colour, font } from "/static/shared/colours.js";
import { localName, t } from "/static/shared/i18n.js";
import { bandOf, percent } from "./coverage.js";
import { hatched } from "./hatch.js";

const LEVEL_TONES = ["", "danger", "warn", "info", "neutral-fill"];
const TEAM_STAGES = ["travel", "dispatch", "turnout", "acknowledge", "repair", "locate"];
/** @type {Map<string, any>} */
const kept = new Map();

/** Forget every style; the page turned light or dark. */
export const forgetStyles = () => kept.clear();

/** @template T @param {string} key @param {() => T} make @returns {T} */
function once(key, make) {
  if (!kept.has(key)) kept.set(key, make());
  return kept.get(key);
}

/** @param {number} level */
const levelColour = (level) => (level === 4 ? colour("line-strong") : colour(LEVEL_TONES[level] ?? "info"));

/** @param {any} grid @param {number} resolution */
export function gridStyle(grid, resolution) {
  const team = grid.get("team")?.id ?? 0;
  const name = localName({ name: grid.get("name"), name_zh: grid.get("name_zh") });
  const isNear = resolution < 60;
  const chance = grid.get("chance");
  if (chance !== undefined) return coveredStyle(name, chance, isNear, grid.get("picked"));
  return once(`grid ${name} ${team} ${isNear}`, () => {
    const tint = `stage-${TEAM_STAGES[Math.abs(team) % TEAM_STAGES.length]}`;
    return new Style({
      fill: new Fill({ color: colour(tint, 0.09) }),
      stroke: new Stroke({ color: colour(tint, 0.55), width: 1.25 }),
      text: isNear ? gridName(name) : undefined,
    });
  });
}

/** @param {string} text */
const gridName = (text) => new Text({
  text, font: font("500 13px"), overflow: false,
  fill: new Fill({ color: colour("text-muted") }),
  stroke: new Stroke({ color: colour("ground"), width: 3 }),
});

/** A grid by the chance that a crew is there in time: tint, lines and the percentage. @param {string} name @param {number} chance @param {boolean} isNear @param {boolean} isPicked */
function coveredStyle(name, chance, isNear, isPicked) {
  const words = isNear ? `${name}\n${percent(chance)}` : percent(chance);
  return once(`covered ${words} ${isPicked}`, () => {
    const { tone } = bandOf(chance);
    const isHatched = tone === "warn" || tone === "danger";
    const text = gridName(words);
    text.setFont(font("600 13px"));
    text.getFill().setColor(colour("text"));
    return new Style({
      zIndex: isPicked ? 2 : 1,
      fill: new Fill({ color: isHatched ? once(`hatch ${tone}`, () => hatched(tone, tone === "danger")) : colour(tone, 0.24) }),
      stroke: new Stroke({ color: isPicked ? colour("accent") : colour(tone, 0.7), width: isPicked ? 3.5 : 1.25 }),
      text,
    });
  });
}

/** The area of a notice of interruption, with its end, and from nearer its name. @param {any} notice @param {number} resolution */
export function noticeStyle(notice, resolution) {
  const words = notice.get(resolution < 25 ? "words" : "end");
  return once(`notice ${words}`, () => {
    const text = gridName(words);
    text.setFont(font("600 13px"));
    text.getFill().setColor(colour("text"));
    text.setOverflow(true);
    return new Style({ fill: new Fill({ color: hatched("warn", false) }), stroke: new Stroke({ color: colour("warn"), width: 2.5, lineDash: [8, 6] }), text });
  });
}

/** @param {string} group @param {number} radius @param {any} fill @param {any} stroke */
function shapeOf(group, radius, fill, stroke) {
  if (group === "way") return new RegularShape({ points: 3, radius: radius * 1.3, displacement: [0, -radius * 0.15], fill, stroke });
  if (group === "site") return new RegularShape({ points: 4, radius: radius * 1.25, angle: Math.PI / 4, fill, stroke });
  if (group === "hold") return new RegularShape({ points: 4, radius: radius * 1.3, fill, stroke });
  return new CircleStyle({ radius: group === "done" ? radius * 0.7 : radius, fill, stroke });
}

/**
 * A ticket: the shape says how far it is, the colour and the number how urgent; a halo when it is overdue.
 * @param {any} ticket @param {boolean} isChosen
 */
export function ticketStyle(ticket, isChosen) {
  const [group, level, isLate] = [ticket.get("group"), ticket.get("level"), ticket.get("late")];
  return once(`ticket ${group} ${level} ${isLate} ${isChosen}`, () => {
    const tone = levelColour(level);
    const isHollow = group === "waiting";
    const styles = [];
    if (isLate) {
      styles.push(new Style({ image: new CircleStyle({ radius: 15, fill: new Fill({ color: colour("danger", 0.16) }), stroke: new Stroke({ color: colour("danger", 0.5), width: 1 }) }) }));
    }
    if (isChosen) {
      styles.push(new Style({ zIndex: 20, image: new CircleStyle({ radius: 18, fill: new Fill({ color: colour("accent", 0.18) }), stroke: new Stroke({ color: colour("accent"), width: 3 }) }) }));
    }
    styles.push(new Style({
      zIndex: isChosen ? 21 : 10 - level,
      image: shapeOf(group, 9, new Fill({ color: isHollow ? colour("ground") : tone }), new Stroke({ color: isHollow ? tone : colour("ground"), width: isHollow ? 3 : 1.5 })),
      text: group === "done" ? undefined : new Text({
        text: String(level), font: font("bold 11px"), offsetY: 1,
        fill: new Fill({ color: isHollow ? tone : colour("ground") }),
      }),
    }));
    return styles;
  });
}

const VAN = "M2 6.5A1.5 1.5 0 0 1 3.5 5H13v10H9.8a2.5 2.5 0 0 0-4.6 0H3.5A1.5 1.5 0 0 1 2 13.5zM14.2 7.5h3l3.8 4V14a1 1 0 0 1-1 1h-.9a2.5 2.5 0 0 0-4.6 0h-.3zM7.5 14.5a1.6 1.6 0 1 1 0 3.2 1.6 1.6 0 0 1 0-3.2M16.8 14.5a1.6 1.6 0 1 1 0 3.2 1.6 1.6 0 0 1 0-3.2";

/** @param {string} fill @param {string} ground */
function van(fill, ground) {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="30" height="30" viewBox="-2 -1 27 27"><rect x="-1" y="0" width="25" height="24" rx="7" fill="${ground}" stroke="${fill}" stroke-width="1.4"/><path d="${VAN}" fill="${fill}"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

/** The ground within which a crew is, as exact as its position. @param {any} crew */
function reachOf(crew) {
  const reach = crew.get("reach");
  if (!reach) return null;
  const [x, y] = crew.getGeometry().getCoordinates();
  // The map stretches with the latitude: a metre on it is longer than one on the ground.
  return new Circle([x, y], reach * Math.cosh(y / 6_378_137));
}

/** How old a position is, where that matters. @param {number | null} age seconds @param {boolean} always also when it is fresh */
export function seenWords(age, always = false) {
  if (age === null) return always ? t("never seen; shown at its base") : "";
  if (age < 120) return always ? t("seen just now") : "";
  if (age < 7200) return t("seen %(minutes)s min ago", { minutes: Math.floor(age / 60) });
  return t("seen %(hours)s h ago", { hours: Math.floor(age / 3600) });
}

/** What stands under a van: who it is, of a chosen one also when it is there and how exact that is. @param {any} crew @param {boolean} isChosen */
export function crewWords(crew, isChosen) {
  const [name, age, eta, reach] = [crew.get("name"), crew.get("age"), crew.get("eta"), crew.get("reach")];
  const exact = isChosen && reach ? t("± %(metres)s m", { metres: reach }) : "";
  return [name, isChosen && eta, seenWords(age), exact].filter(Boolean).join(" · ");
}

/**
 * A crew: a van with its name; the older its position, the paler. Age in seconds, null where only the base is known.
 * The name of a chosen one stands over the map, where no sign hides it.
 * @param {any} crew @param {number} resolution @param {boolean} isChosen
 */
export function crewStyle(crew, resolution, isChosen) {
  const [age, isBusy, reach] = [crew.get("age"), crew.get("busy"), crew.get("reach")];
  const faded = age === null ? 0.45 : age < 120 ? 1 : age < 600 ? 0.75 : 0.5;
  const isNear = resolution < 25 || isChosen;
  const words = crewWords(crew, false);
  return once(`crew ${words} ${faded} ${isNear} ${isBusy} ${isChosen} ${Boolean(reach)}`, () => {
    const tone = isBusy || isChosen ? colour("accent") : colour("text-muted");
    const here = new Style({
      zIndex: isChosen ? 30 : 12,
      image: new Icon({ src: van(tone, colour("raised")), opacity: isChosen ? 1 : faded, scale: isChosen ? 1.05 : 0.82, declutterMode: "none" }),
      text: isNear && !isChosen ? new Text({
        text: words, font: font("500 13px"), offsetY: 25, declutterMode: "declutter",
        fill: new Fill({ color: colour("text", Math.max(0.75, faded)) }), stroke: new Stroke({ color: colour("ground"), width: 3 }),
      }) : undefined,
    });
    if (!reach || !isNear) return [here];
    const within = new Style({ geometry: reachOf, zIndex: 2, fill: new Fill({ color: colour("accent", 0.1) }), stroke: new Stroke({ color: colour("accent", 0.5), width: 1, lineDash: age !== null && age >= 120 ? [4, 4] : undefined }) });
    return [within, here];
  });
}

/** The way of a crew to its ticket, straight or by road; with its minutes where they were asked for. @param {any} way */
export function wayStyle(way) {
  const [isChosen, isAsked, words] = [way.get("chosen"), way.get("asked"), way.get("words")];
  const isStrong = isChosen || isAsked;
  const isRoad = way.get("isRoad");
  return once(`way ${isChosen} ${isAsked} ${isRoad} ${words}`, () => new Style({
    zIndex: isChosen ? 15 : 1,
    stroke: new Stroke({ color: colour("accent", isChosen ? 0.95 : isAsked ? 0.7 : 0.35), width: isRoad ? 4 : isStrong ? 2.5 : 1.25, lineDash: isRoad ? undefined : isChosen ? [1, 6] : [4, 5], lineCap: "round" }),
    text: isAsked && words ? new Text({
      text: words, font: font("600 13px"), overflow: true, padding: [2, 6, 2, 6],
      fill: new Fill({ color: colour("text") }), backgroundFill: new Fill({ color: colour("raised") }), backgroundStroke: new Stroke({ color: colour("accent", 0.6), width: 1 }),
    }) : undefined,
  }));
}

/** Where the call being taken is. */
export const pinStyle = () => once("pin", () => [
  new Style({ zIndex: 40, image: new CircleStyle({ radius: 16, fill: new Fill({ color: colour("accent", 0.2) }), stroke: new Stroke({ color: colour("accent"), width: 2 }) }) }),
  new Style({ zIndex: 41, image: new CircleStyle({ radius: 6, fill: new Fill({ color: colour("accent") }), stroke: new Stroke({ color: colour("ground"), width: 2 }) }) }),
]);
