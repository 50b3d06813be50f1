/* What does a figure of the map's cells say, and into which of five classes does it fall? */
import { language, t } from "/static/shared/i18n.js";

/** Tickets, kept, due, response P90 in seconds, arrived, repeated, closed.
 * @typedef {[number, number, number, number | null, number, number, number]} Row */
/** @typedef {{key: string, outline: any, whole: Row, parts: Record<string, Row>, coverage: number | null}} Cell */
/** @typedef {{name: () => string, worse: boolean, value: (row: Row, cell: Cell | null) => number | null, n: (row: Row) => number | null, write: (value: number | null) => string, limits: number[]}} Figure */

/** @type {Row} */
export const NOTHING = [0, 0, 0, null, 0, 0, 0];
const locale = language.startsWith("zh") ? "zh-CN" : "en-GB";
const oneDigit = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });

/** A share with one digit; 100 % and 0 % only when they are exact. @param {number | null} rate */
export function percent(rate) {
  if (rate === null) return "–";
  const shown = Math.round(rate * 1000) / 10;
  if (shown === 100 && rate < 1) return `${oneDigit.format(99.9)} %`;
  if (shown === 0 && rate > 0) return `${oneDigit.format(0.1)} %`;
  return `${oneDigit.format(shown)} %`;
}

/** @param {number | null} seconds */
export const minutes = (seconds) => (seconds === null ? "–" : oneDigit.format(seconds / 60));
/** @param {number | null} count */
export const count = (count) => (count === null ? "–" : whole.format(count));
/** @param {number} hits @param {number} n */
const share = (hits, n) => (n ? hits / n : null);

/** What a map may show; `limits` part the classes from the weakest colour to the strongest. @type {Record<string, Figure>} */
export const FIGURES = {
  attainment: { name: () => t("30 min kept"), worse: true, value: (row) => share(row[1], row[2]), n: (row) => row[2], write: percent, limits: [0.95, 0.9, 0.8, 0.6] },
  response: { name: () => t("Arrival P90"), worse: false, value: (row) => row[3], n: (row) => row[4], write: (value) => (value === null ? "–" : t("%(minutes)s min", { minutes: minutes(value) })), limits: [900, 1200, 1800, 2700] },
  demand: { name: () => t("Tickets"), worse: false, value: (row) => row[0], n: () => null, write: count, limits: [] },
  repeats: { name: () => t("Repeats"), worse: false, value: (row) => share(row[5], row[6]), n: (row) => row[6], write: percent, limits: [0.02, 0.05, 0.1, 0.2] },
  coverage: { name: () => t("Coverage now"), worse: true, value: (_row, cell) => cell?.coverage ?? null, n: () => null, write: percent, limits: [0.9, 0.75, 0.5, 0.25] },
};

/** The limits between classes; those of a count follow the largest one. @param {Figure} figure @param {number} largest */
export function limitsOf(figure, largest) {
  if (figure.limits.length) return figure.limits;
  const steps = [1 / 16, 1 / 8, 1 / 4, 1 / 2].map((part) => Math.max(1, Math.round(largest * part)));
  return [...new Set(steps)].filter((step) => step < largest);
}

/** The class from 0 (weakest colour) to 4. @param {Figure} figure @param {number[]} limits @param {number} value */
export const classOf = (figure, limits, value) => limits.filter((limit) => (figure.worse ? value < limit : value > limit)).length;

/** What each class means. @param {Figure} figure @param {number[]} limits */
export function classWords(figure, limits) {
  if (!limits.length) return [t("at least one")];
  const [edges, last] = [limits.map(figure.write), limits.length - 1];
  const [within, beyond] = figure.worse ? ["≥", "<"] : ["≤", ">"];
  return [`${within} ${edges[0]}`, ...edges.slice(1).map((edge, at) => (figure.worse ? `${edge} – ${edges[at]}` : `${edges[at]} – ${edge}`)), `${beyond} ${edges[last]}`];
}
