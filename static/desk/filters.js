/* Which tickets does a set of filters let through, and how is the set written in an address? */
import { dueAt, FILTERS, groupOf, isOverdue, isPlaced, standing } from "./promises.js";

/** @typedef {Record<string, any>} Ticket */
/** @typedef {Record<string, string>} Filters what each name lets through; a missing one lets all through */

/** The filters beside the chips, in the order in which they are shown. */
export const NAMES = ["level", "grid", "team", "crew", "state", "category", "due", "unread", "phone", "place"];

/** Everything that a view keeps and an address holds. */
export const VIEW_NAMES = ["show", "q", ...NAMES];

const VALUES = { due: ["over", "soon"], unread: ["1"], phone: ["1", "0"], place: ["1", "0"] };

/** The filters that an address names; values that mean nothing are left out. @param {URLSearchParams} asked @returns {Filters} */
export function readFilters(asked) {
  /** @type {Filters} */
  const found = {};
  for (const name of NAMES) {
    const text = (asked.get(name) ?? "").trim();
    const allowed = VALUES[/** @type {keyof typeof VALUES} */ (name)];
    if (text && (!allowed || allowed.includes(text))) found[name] = text;
  }
  if (found.level) found.level = levelsOf(found).join(",");
  return filled(found);
}

/** Only the filters that narrow anything. @param {Record<string, string | undefined | null>} filters @returns {Filters} */
export const filled = (filters) => Object.fromEntries(Object.entries(filters).filter(([name, text]) => text && !(name === "show" && text === "all"))
  .map(([name, text]) => [name, String(text)]));

/** @param {Filters} filters */
export const levelsOf = (filters) => (filters.level ?? "").split(",").filter((each) => /^[1-4]$/.test(each)).sort();

/** Whether two sets let the same through. @param {Filters} one @param {Filters} other */
export const isSame = (one, other) => VIEW_NAMES.every((name) => (filled(one)[name] ?? "") === (filled(other)[name] ?? ""));

/** What of the ticket is compared with a filter of this name. @type {Record<string, (ticket: Ticket) => unknown>} */
const PLAIN = {
  grid: (ticket) => ticket.grid?.name ?? "-",
  team: (ticket) => ticket.team?.name ?? "-",
  crew: (ticket) => ticket.crew?.name ?? "-",
  state: (ticket) => ticket.state,
  category: (ticket) => ticket.category,
  phone: (ticket) => (ticket.has_phone ? "1" : "0"),
  place: (ticket) => (isPlaced(ticket) ? "1" : "0"),
};

/**
 * A test for all that does not depend on the time of day.
 * @param {Filters} filters @param {(ticket: Ticket) => boolean} isUnread
 */
export function narrowing(filters, isUnread) {
  const levels = levelsOf(filters).map(Number);
  const plain = Object.entries(PLAIN).filter(([name]) => filters[name]);
  return (/** @type {Ticket} */ ticket) => (!levels.length || levels.includes(ticket.level))
    && plain.every(([name, valueOf]) => valueOf(ticket) === filters[name]) && (!filters.unread || isUnread(ticket));
}

/** Whether the next promise stands as the filter asks. @param {Filters} filters @param {Ticket} ticket @param {number} at milliseconds */
export function isDue(filters, ticket, at) {
  if (!filters.due) return true;
  if (filters.due === "over") return isOverdue(ticket, at);
  return groupOf(ticket) !== "done" && dueAt(ticket) >= at && standing(ticket, at).tone === "warn";
}

/** The chip of this name, the first one for an unknown name. @param {string | null | undefined} key */
export const chipOf = (key) => FILTERS.find((each) => each.key === key) ?? FILTERS[0];
