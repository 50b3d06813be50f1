/* Which promise of a ticket runs out next, how near is it, and which chip does the ticket belong to? */
import { t } from "/static/shared/i18n.js";

/** @typedef {Record<string, any>} Ticket */

const WAITING = new Set(["accepted", "returned", "reopened"]);
const ON_THE_WAY = new Set(["dispatched", "acknowledged", "en_route"]);
const ON_SITE = new Set(["arrived", "working"]);
const PARKED = Number.MAX_SAFE_INTEGER;

/** @param {Ticket} ticket */
export const isPlaced = (ticket) => ticket.place?.lat !== null && ticket.place?.lat !== undefined;

/** The group whose mark a ticket has on the map. @param {Ticket} ticket */
export function groupOf({ state }) {
  if (ON_THE_WAY.has(state)) return "way";
  if (ON_SITE.has(state)) return "site";
  if (state === "completed") return "done";
  return state === "on_hold" ? "hold" : "waiting";
}

/** The chips over the queue; only "over" depends on the instant, in milliseconds. @type {{key: string, name: () => string, holds: (ticket: Ticket, at: number) => boolean}[]} */
export const FILTERS = [
  { key: "all", name: () => t("All"), holds: () => true },
  { key: "over", name: () => t("Overdue"), holds: (ticket, at) => isOverdue(ticket, at) },
  { key: "crew", name: () => t("Needs a crew"), holds: (ticket) => WAITING.has(ticket.state) },
  { key: "place", name: () => t("Not placed"), holds: (ticket) => !isPlaced(ticket) },
  { key: "way", name: () => t("Crew sent"), holds: (ticket) => ON_THE_WAY.has(ticket.state) },
  { key: "site", name: () => t("On site"), holds: (ticket) => ON_SITE.has(ticket.state) },
  { key: "done", name: () => t("To follow up"), holds: (ticket) => ticket.state === "completed" },
];

/** When the next promise runs out, in milliseconds; a paused or kept one comes last. @param {Ticket} ticket */
export function dueAt(ticket) {
  let known = dues.get(ticket);
  if (known === undefined) {
    const due = ticket.next_clock?.due_at;
    known = due ? Date.parse(due) : PARKED;
    dues.set(ticket, known);
  }
  return known;
}
// A ticket that changed is a new object; sorting thousands must not read each date twelve times.
/** @type {WeakMap<Ticket, number>} */
const dues = new WeakMap();
/** @type {WeakMap<Ticket, string>} */
const texts = new WeakMap();

/** Whether the first reporter still waits for a call. @param {Ticket} ticket */
export const waitsForCall = (ticket) =>
  Boolean(ticket.call_back_due_at) && !ticket.called_back_at && !["completed", "closed", "duplicate", "solved_by_phone", "answered_by_notice", "cancelled"].includes(ticket.state);

/** Whether a promise is broken that a crew can still mend; a call to ask how it went is not one. @param {Ticket} ticket @param {number} at milliseconds */
export const isOverdue = (ticket, at) => !ticket.on_hold_since && groupOf(ticket) !== "done" && dueAt(ticket) < at;

/** Work before mere follow-ups; overdue first, then what is due next, the most urgent, the oldest. @param {Ticket} one @param {Ticket} other */
export function byDue(one, other) {
  return Number(groupOf(one) === "done") - Number(groupOf(other) === "done") || dueAt(one) - dueAt(other) || one.level - other.level || (one.number < other.number ? -1 : 1);
}

/**
 * The tickets in that order, from those of before: what changed is a new object, and only that is sorted.
 * @param {Ticket[]} list @param {Map<string, Ticket>} before what the list holds @param {Map<string, Ticket>} after
 */
export function putInOrder(list, before, after) {
  const kept = list.filter((ticket) => after.get(ticket.number) === ticket);
  const fresh = [...after.values()].filter((ticket) => before.get(ticket.number) !== ticket).sort(byDue);
  if (!fresh.length) return kept;
  /** @type {Ticket[]} */
  const merged = [];
  let next = 0;
  for (const ticket of kept) {
    while (next < fresh.length && byDue(fresh[next], ticket) < 0) merged.push(fresh[next++]);
    merged.push(ticket);
  }
  return merged.concat(fresh.slice(next));
}

/**
 * How a promise stands at an instant: the seconds left, a tone, an icon and a word for the tone.
 * @param {Ticket} ticket @param {number} at milliseconds
 */
export function standing(ticket, at) {
  const clock = ticket.next_clock;
  if (ticket.on_hold_since || (clock && !clock.due_at)) {
    return { seconds: null, tone: "hold", icon: "player-pause", word: t("on hold") };
  }
  if (!clock) return { seconds: null, tone: "neutral", icon: "circle", word: t("no promise runs") };
  return { ...tension(clock.started_at, clock.due_at, at, lastWarning(clock)), kind: clock.kind };
}

/**
 * By how many minutes the crew is expected after its promise, while that is still ahead; 0 when it
 * is not. Afterwards the countdown tells it.
 * @param {Ticket} ticket @param {number} at milliseconds
 */
export function lateByMinutes(ticket, at) {
  const visit = (ticket.visits ?? []).find((/** @type {any} */ each) => each.role === "lead" && ON_THE_WAY.has(each.state));
  if (!visit?.eta_at || ticket.arrived_at || ticket.on_hold_since || !ticket.arrive_due_at) return 0;
  const clock = ticket.next_clock;
  const due = clock?.kind === "arrive" && clock.due_at ? Date.parse(clock.due_at) : Date.parse(ticket.arrive_due_at) + 1000 * (ticket.held_seconds ?? 0);
  return at < due ? Math.max(0, Math.ceil((Date.parse(visit.eta_at) - due) / 60_000)) : 0;
}

/** When the policy of the ticket gives its last warning before a promise; none is known of a promise that is not the next. @param {any} clock */
export function lastWarning(clock) {
  let [most, warns] = [0, null];
  for (const [step, when] of Object.entries(clock.fraction_at ?? {})) if (Number(step) < 1 && Number(step) > most) [most, warns] = [Number(step), when];
  return warns;
}

/** @param {string} start @param {string} due @param {number} at @param {string | null} [warns] when it comes close, a quarter of the time before its end unless told */
export function tension(start, due, at, warns) {
  const end = Date.parse(due);
  const seconds = Math.floor((end - at) / 1000);
  if (seconds < 0) return { seconds, tone: "danger", icon: "alert-octagon", word: t("overdue") };
  const near = warns ? Date.parse(warns) : end - 0.25 * Math.max(1, end - Date.parse(start));
  if (at > near) return { seconds, tone: "warn", icon: "alert-triangle", word: t("close to the promise") };
  return { seconds, tone: "good", icon: "clock", word: t("in time") };
}

/** What people know a ticket by, in small letters. @param {Ticket} ticket */
export function searchText(ticket) {
  let known = texts.get(ticket);
  if (known === undefined) {
    known = [
      ticket.number, ticket.category_name, ticket.address, ticket.grid?.name, ticket.grid?.name_zh,
      ticket.team?.name, ticket.team?.name_zh, ticket.crew?.name, ticket.crew?.name_zh, ticket.household?.account,
      ticket.household?.name, ticket.description,
    ].join(" ").toLowerCase();
    texts.set(ticket, known);
  }
  return known;
}

/** The promises of a ticket as bars: kind, from, due, kept at. @param {Ticket} ticket */
export function promisesOf(ticket) {
  const rows = [
    ["dispatch", ticket.received_at, ticket.dispatch_due_at, ticket.dispatched_at],
    ["call_back", ticket.received_at, ticket.call_back_due_at, ticket.called_back_at ?? ticket.completed_at],
    ["acknowledge", ticket.dispatched_at, ticket.acknowledge_due_at, ticket.acknowledged_at],
    ["arrive", ticket.received_at, ticket.arrive_due_at, ticket.arrived_at],
    ["restore", ticket.received_at, ticket.restore_due_at, ticket.restored_at ?? ticket.completed_at],
    ["repair", ticket.received_at, ticket.repair_due_at, ticket.completed_at],
    ["follow_up", ticket.completed_at, ticket.follow_up_due_at, ticket.verified_at],
  ];
  return rows
    .filter(([, start, due]) => start && due)
    .map(([kind, start, due, kept]) => ({ kind, start, due, kept }));
}
