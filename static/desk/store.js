/* What does the desk know just now, and which ticket, filter and words are chosen? */
import { batch, computed, effect, signal } from "/static/vendor/preact.js";
import { localName } from "/static/shared/i18n.js";
import { chipOf, isDue, narrowing, readFilters, NAMES } from "./filters.js";
import { FILTERS, isOverdue, putInOrder, searchText } from "./promises.js";
import { openSeen } from "./unread.js";

/** @typedef {Record<string, any>} Ticket the JSON shape of a ticket, see the API page */

const source = document.getElementById("desk-facts");
/** What the server wrote into the page: names, permissions, the map's settings. */
export const facts = JSON.parse(source?.textContent || "{}");

/** @param {string} permission */
export const can = (permission) => (facts.can ?? []).includes(permission);

const asked = new URLSearchParams(location.search);

/** Every open ticket by its number. @type {import("/static/vendor/preact.js").Signal<Map<string, Ticket>>} */
export const tickets = signal(new Map());
export const crews = signal(/** @type {Ticket[]} */ ([]));
/** A crew's name in the reader's language; one that is not listed keeps its own. @param {string} name */
export const crewNamed = (name) => localName(crews.value.find((crew) => crew.name === name)) || name;
export const grids = signal(/** @type {any} */ (null));
export const selected = signal(asked.get("ticket"));
export const filter = signal(chipOf(asked.get("show")).key);
/** What else is let through, by name as in the address. */
export const filters = signal(readFilters(asked));
/** What this person looked at, in this browser. */
export const seen = openSeen(facts.user);
export const query = signal(asked.get("q") ?? "");
/** The chosen ticket with all its reasons, its story and its reporters; null while it loads. */
export const detail = signal(/** @type {any} */ (null));
/** "loading", "live" or "away"; and since when the picture stands still. */
export const line = signal({ state: "loading", since: Date.now() });
/** Who else has a ticket open, by its number. @type {import("/static/vendor/preact.js").Signal<Record<string, string[]>>} */
export const viewers = signal({});
export const clockwork = signal(/** @type {{level: string}} */ ({ level: "ok" }));
export const tab = signal(selected.value ? "ticket" : "queue");
/** Which dialog is open, with what it needs. @type {any} */
export const dialog = signal(null);
/** A click on the map means this: {words, take(lat, lon), cancel()}. @type {any} */
export const pointing = signal(null);
/** Where the call being taken is, and what it may be the same as. @type {any} */
export const callPlace = signal(null);
export const toasts = signal(/** @type {any[]} */ ([]));

/** The server's clock, a tick each second. */
export const now = signal(Date.now());
let skew = 0;

/** Follow the server's clock. @param {string | number} serverNow */
export function setClock(serverNow) {
  const at = new Date(serverNow).getTime();
  if (Number.isFinite(at)) skew = at - Date.now();
}

setInterval(() => {
  now.value = Date.now() + skew;
}, 1000);

/** Whether each word is somewhere in what people know a ticket by. @param {Ticket} ticket @param {string[]} words */
export const fits = (ticket, words) => words.length === 0 || words.every((word) => searchText(ticket).includes(word));

let sorted = { by: tickets.peek(), list: /** @type {Ticket[]} */ ([]) };
/** Every ticket in the order in which they are read. */
const ordered = computed(() => {
  const by = tickets.value;
  sorted = { by, list: putInOrder(sorted.list, sorted.by, by) };
  return sorted.list;
});

/** Tickets that words and filters fit, whatever the time, in the order in which they are read. */
const found = computed(() => {
  const words = query.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const test = narrowing(filters.value, seen.isUnread);
  return ordered.value.filter((ticket) => test(ticket) && fits(ticket, words));
});

/** The same before the chips; only a filter on promises follows the clock. */
const due = computed(() => (filters.value.due ? found.value.filter((ticket) => isDue(filters.value, ticket, now.value)) : found.value));

/** How many of them are overdue: looked at each second, and news only when the number is another. */
const overdue = computed(() => due.value.reduce((count, ticket) => count + Number(isOverdue(ticket, now.value)), 0));

/** How many tickets each chip would show. */
export const counts = computed(() => {
  /** @type {Record<string, number>} */
  const count = {};
  for (const { key } of FILTERS) count[key] = 0;
  for (const ticket of due.value) for (const { key, holds } of FILTERS) if (key !== "over" && holds(ticket, 0)) count[key] += 1;
  return { ...count, over: overdue.value };
});

/** The queue as it is read: overdue first, then whatever is due next, follow-ups last. */
export const queue = computed(() => {
  const { key, holds } = chipOf(filter.value);
  // Which tickets are overdue changes with a ticket, or with their number.
  const at = key === "over" && overdue.value ? now.peek() : 0;
  return due.value.filter((ticket) => holds(ticket, at));
});

/** The ticket that is chosen: the newest of list and detail. */
export const chosen = computed(() => {
  const listed = selected.value ? tickets.value.get(selected.value) : null;
  const full = detail.value?.ticket?.number === selected.value ? detail.value.ticket : null;
  if (listed && full) return listed.version > full.version ? { ...full, ...listed, visits: full.visits } : full;
  return full ?? listed ?? null;
});

/** Show in the list what a chip holds. @param {string} key */
export function showChip(key) {
  batch(() => {
    filter.value = key;
    tab.value = "queue";
  });
}

/** Look for words in the list. @param {string} words */
export function searched(words) {
  batch(() => {
    query.value = words;
    tab.value = "queue";
  });
}

/** Take in tickets that were read or changed; ended ones leave the queue. @param {Ticket[]} changed @param {boolean} [all] */
export function putTickets(changed, all = false) {
  if (!changed.length && !all) return;
  const next = all ? new Map() : new Map(tickets.value);
  for (const ticket of changed) {
    const known = next.get(ticket.number);
    if (known && known.version > ticket.version) continue;
    // Only the live address says whether anybody can be called.
    const whole = known && ticket.has_phone === undefined ? { ...ticket, has_phone: known.has_phone } : ticket;
    if (ENDED.has(ticket.state) || ticket.imported) next.delete(ticket.number);
    else next.set(ticket.number, whole);
  }
  tickets.value = next;
}
const ENDED = new Set(["closed", "duplicate", "solved_by_phone", "answered_by_notice", "cancelled"]);

/** Choose a ticket everywhere. @param {string | null} number @param {boolean} [show] also turn to its tab */
export function select(number, show = true) {
  batch(() => {
    selected.value = number;
    if (show && number) tab.value = "ticket";
  });
}

/** Take ended tickets off the queue. @param {string[]} numbers */
export function dropTickets(numbers) {
  const ended = numbers.filter((number) => tickets.value.has(number));
  if (!ended.length) return;
  const next = new Map(tickets.value);
  for (const number of ended) next.delete(number);
  tickets.value = next;
  if (detail.value && ended.includes(detail.value.ticket?.number)) detail.value = { ...detail.value, isOld: true };
}

let toastKey = 0;
/** Say something for a while; returns what names it. @param {string} text @param {{tone?: string, undo?: () => void, stays?: boolean}} [options] */
export function say(text, { tone = "good", undo, stays = false } = {}) {
  const toast = { key: ++toastKey, text, tone, undo };
  toasts.value = [...toasts.value.slice(-2), toast];
  if (!stays) fade(toast.key, undo ? FOR_UNDO : 7_000);
  return toast.key;
}

/** How long a way back is offered, in milliseconds. */
export const FOR_UNDO = 30_000;
/** @param {number} key @param {number} ms */
export const fade = (key, ms) => setTimeout(() => dismiss(key), ms);

/** @param {number} key */
export function dismiss(key) {
  toasts.value = toasts.value.filter((each) => each.key !== key);
}

effect(() => {
  const address = new URL(location.href);
  const wanted = { ticket: selected.value, q: query.value.trim(), show: filter.value === "all" ? "" : filter.value };
  for (const [name, value] of [...Object.entries(wanted), ...NAMES.map((name) => [name, filters.value[name]])]) {
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
  }
  if (address.href !== location.href) history.replaceState(null, "", address);
});

/** What stays on the screen for a moment counts as looked at. */
const LOOK = 600;
effect(() => {
  const shown = chosen.value;
  if (!shown || !detail.value || document.hidden) return undefined;
  const timer = setTimeout(() => seen.look([shown], tickets.peek()), LOOK);
  return () => clearTimeout(timer);
});
