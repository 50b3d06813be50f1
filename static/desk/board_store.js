/* Is the board in sight, which hours and rows does it show, and which ticket is carried over it? */
import { computed, effect, signal } from "/static/vendor/preact.js";
import { readBoard, readCandidates, readLosses } from "./api.js";
import { isLive, origin, span, turnDay, zooms } from "./board_days.js";
import { can, crews, now, say, tab, tickets } from "./store.js";
import { stepsFor } from "./steps.js";
import { isWall } from "./windows.js";

const EVERY = 30_000;
const LEAST = 1_000;
const OFFERS_EVERY = 20_000;

/** Whether a tab holds one part of the desk at a time. */
export function isNarrow() {
  return matchMedia("(width <= 900px)").matches;
}

/** "map" or "board": what stands beside the list. */
export const view = signal(location.pathname.endsWith("/board") ? "board" : "map");
/** The server's answer, and the refusal when there is none. @type {any} */
export const board = signal(null);
export const fault = signal("");
/** How many hours are in sight at once. */
export const hours = signal(isNarrow() ? 2 : 5);
effect(() => { if (!zooms.value.includes(hours.value)) hours.value = zooms.value[zooms.value.length - 1]; });
/** The crew that the keys or the pointer stand on. */
export const cursor = signal(/** @type {number | null} */ (null));
/** The ticket over the board: {number, by, offers, losses, fault, asks}. @type {any} */
export const carried = signal(null);
/** Whether the keys go to the rows as soon as they are drawn. */
export const wantsFocus = signal(false);
/** Whether the ticket is read beside the board. */
export const isPaneOpen = signal(false);

if (view.value === "board") tab.value = "board";

/** Turn between map and board; a narrow screen has a tab for each. @param {"map" | "board"} wanted */
export function show(wanted) {
  view.value = wanted;
  tab.value = wanted;
}

effect(() => {
  if (tab.value === "map" || tab.value === "board") view.value = tab.value;
});

if (!isWall) effect(() => {
  const address = new URL(location.href);
  address.pathname = view.value === "board" ? "/desk/board" : "/desk";
  if (address.href !== location.href) history.replaceState(null, "", address);
});

/** How far along the sheet an instant is, in percent. @param {string | number | null} at */
export const along = (at) => (((typeof at === "string" ? Date.parse(at) : (at ?? 0)) - origin.value) / span.value) * 100;

/** The rows in reading order. */
export const rows = computed(() => board.value?.crews ?? []);
export const rowOf = (/** @type {number | null} */ id) => rows.value.find((/** @type {any} */ row) => row.id === id) ?? null;

/** Tickets that nobody goes to, the first promise first. */
export const waiting = computed(() => [...tickets.value.values()]
  .filter((ticket) => ["accepted", "returned", "reopened"].includes(ticket.state) && ticket.arrive_due_at)
  .sort((one, other) => Date.parse(one.arrive_due_at) - Date.parse(other.arrive_due_at)));

let isReading = false;
let readAt = 0;
/** Whether another day was asked for while one was read. */
let isOld = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

async function read() {
  clearTimeout(timer);
  if (isReading) return;
  isReading = true;
  readAt = Date.now();
  try {
    const from = origin.peek();
    const found = await readBoard(new Date(from).toISOString(), new Date(from + span.peek()).toISOString());
    if (from === origin.peek()) board.value = found;
    else isOld = true;
    fault.value = "";
  } catch (refusal) {
    fault.value = /** @type {Error} */ (refusal).message;
  } finally {
    isReading = false;
    timer = setTimeout(read, isOld ? 0 : EVERY);
    isOld = false;
  }
}

/** Read soon, but not more than once a second. */
function readSoon() {
  clearTimeout(timer);
  timer = setTimeout(read, Math.max(50, LEAST - (Date.now() - readAt)));
}

// The rows of one day are not shown under another.
let shown = origin.peek();
effect(() => {
  if (Math.abs(origin.value - shown) > 3_600_000) board.value = null;
  shown = origin.value;
});

/** What makes the rows old: a visit, a duty, a ticket with a crew. */
const stamp = computed(() => {
  const visits = crews.value.map((crew) => `${crew.id}${crew.on_duty}${crew.visits.map((/** @type {any} */ visit) => visit.id + visit.state + visit.eta_at)}`).sort().join();
  let versions = 0;
  for (const ticket of tickets.value.values()) if (ticket.crew) versions += ticket.version;
  return `${visits}/${versions}/${origin.value}`;
});

/** Read while the board is in sight; answers with how to stop. */
export function follow() {
  const stop = effect(() => {
    stamp.value;
    readSoon();
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
}

/** Whether a crew may be sent to a ticket now. @param {any} ticket */
export const mayCarry = (ticket) => Boolean(ticket) && stepsFor(ticket).some((step) => step.key === "dispatch");

/** Take a ticket over the board; every row then says how its crew would fit. @param {string} number @param {"keys" | "pointer"} by */
export function carry(number, by) {
  const ticket = tickets.value.get(number);
  if (!can("dispatch") || !mayCarry(ticket)) return false;
  // What happened cannot be moved, and what is to come is sent when it is time.
  if (!isLive.value && by === "pointer") return false;
  if (!isLive.value) turnDay(0);
  const known = weighed?.number === number && weighed.version === ticket?.version && Date.now() - weighed.at < OFFERS_EVERY ? weighed : null;
  carried.value = { number, by, offers: known?.offers ?? null, losses: known?.losses ?? new Map(), fault: null, asks: null };
  weigh(number);
  return true;
}

/** The last ticket that was weighed, so that it shows its fits at once when it is lifted again. @type {{number: string, version: number, at: number, offers: Map<number, any>, losses: Map<number, any>} | null} */
let weighed = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let again;

/** @param {string} number */
async function weigh(number) {
  clearTimeout(again);
  if (carried.value?.number !== number) return;
  const version = tickets.peek().get(number)?.version ?? 0;
  try {
    const { candidates } = await readCandidates(number);
    if (carried.value?.number !== number) return;
    const offers = new Map(candidates.map((/** @type {any} */ each) => [each.crew_id, each]));
    carried.value = { ...carried.value, offers };
    weighed = { number, version, at: Date.now(), offers, losses: carried.value.losses };
    const losses = await readLosses().catch(() => new Map());
    if (carried.value?.number !== number) return;
    carried.value = { ...carried.value, losses };
    weighed = { ...weighed, losses };
    clearTimeout(again);
    again = setTimeout(() => weigh(number), OFFERS_EVERY);
  } catch (refusal) {
    drop();
    say(/** @type {Error} */ (refusal).message, { tone: "danger" });
  }
}

// The keys begin at the crew that the rule would send, once rows and crews are both there.
effect(() => {
  const held = carried.value;
  if (held?.by !== "keys" || !held.offers || !rows.value.length || cursor.peek() !== null) return;
  cursor.value = [...held.offers.keys()].find(rowOf) ?? null;
});

/** Put down what is carried, unsent. */
export function drop() {
  carried.value = null;
  cursor.value = null;
}
