/* Where was a crew on its way at an instant, and where is the way not known? */
import { t } from "/static/shared/i18n.js";

/** @typedef {{at: number, lat: number, lon: number, accuracy: number | null}} Fix */
/** @typedef {{kind: string, at: number, ticket: string}} Mark */
/** @typedef {{crew: any, from: number, to: number, gap: number, days: number, fixes: Fix[], marks: Mark[]}} Way */

const MARKS = { set_off: () => t("set off"), arrived: () => t("arrived"), ended: () => t("ended") };

/** What a mark stands for, in words. @param {string} kind */
export const markName = (kind) => MARKS[/** @type {keyof MARKS} */ (kind)]?.() ?? kind;

/** Read the answer of the server. @param {any} answer @returns {Way} */
export const readWay = (answer) => ({
  crew: answer.crew,
  from: Date.parse(answer.from_at),
  to: Date.parse(answer.to_at),
  gap: answer.gap_seconds * 1000,
  days: answer.kept_days,
  fixes: answer.points.map((/** @type {any} */ each) => ({ at: Date.parse(each.at), lat: each.lat, lon: each.lon, accuracy: each.accuracy_metres })),
  marks: answer.marks.map((/** @type {any} */ each) => ({ kind: each.kind, at: Date.parse(each.at), ticket: each.ticket })),
});

/** The way in pieces, those without a signal by themselves. @param {Way} way @returns {{isGap: boolean, fixes: Fix[]}[]} */
export function piecesOf({ fixes, gap }) {
  /** @type {{isGap: boolean, fixes: Fix[]}[]} */
  const pieces = [];
  fixes.forEach((fix, place) => {
    const before = fixes[place - 1];
    if (!before) return;
    const isGap = fix.at - before.at > gap;
    const last = pieces[pieces.length - 1];
    if (last && !last.isGap && !isGap) last.fixes.push(fix);
    else pieces.push({ isGap, fixes: [before, fix] });
  });
  return pieces;
}

/** How many fixes lie at or before an instant. @param {Fix[]} fixes @param {number} at */
export function countUntil(fixes, at) {
  let [low, high] = [0, fixes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fixes[middle].at <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Where the crew was, by an even drive between two positions; `since` is the last signal before a gap.
 * @param {Way} way @param {number} at @returns {{lat: number, lon: number, since: number | null} | null}
 */
export function placeAt({ fixes, gap }, at) {
  if (!fixes.length) return null;
  const next = countUntil(fixes, at);
  const [before, after] = [fixes[next - 1], fixes[next]];
  if (!before) return { lat: after.lat, lon: after.lon, since: null };
  if (!after) return { lat: before.lat, lon: before.lon, since: null };
  const share = (at - before.at) / (after.at - before.at);
  return {
    lat: before.lat + share * (after.lat - before.lat),
    lon: before.lon + share * (after.lon - before.lon),
    since: after.at - before.at > gap && share > 0 ? before.at : null,
  };
}
