/* How does the picture stay at most two seconds old, and what is shown when it cannot? */
import { batch } from "/static/vendor/preact.js";
import { readLive, readTicket } from "./api.js";
import { can, clockwork, crews, detail, dropTickets, line, now, putTickets, seen, selected, setClock, tickets, viewers } from "./store.js";
import { follow, pause } from "./stream.js";
import { hear, share } from "./windows.js";

const EVERY = 1_500;
const LONGEST = 15_000;
const SOON = 100;
/** A window that hears another one ask waits this much longer than that one, so that it takes over within two seconds. */
const AFTER = 400;
/** @type {string | null} */
let cursor = null;
let failures = 0;
let isAsking = false;
let lastHeard = Date.now();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let askAt = 0;
/** How soon to ask again, where news came in the middle of an answer. */
let wanted = LONGEST;

/** Take in one answer of the live address; without a cursor it holds everything. @param {any} answer */
function take(answer) {
  const first = answer.reset;
  batch(() => {
    setClock(answer.server_time);
    cursor = answer.cursor;
    putTickets(answer.tickets, first);
    dropTickets(answer.removed);
    if (first) crews.value = answer.crews;
    else if (answer.crews.length) {
      const changed = new Map(answer.crews.map((/** @type {any} */ crew) => [crew.id, crew]));
      crews.value = [...crews.value.filter((crew) => !changed.has(crew.id)), ...answer.crews];
    }
    clockwork.value = answer.clockwork;
    viewers.value = answer.viewers ?? {};
    seen.begin(Date.parse(answer.server_time));
    isLive();
  });
}

function isLive() {
  if (line.value.state !== "live") line.value = { state: "live", since: now.value };
}

/** Take what another window of this browser was answered; it was asked from a point that this one had reached too. @param {any} answer */
function heard(answer) {
  if (cursor === null) return void missed.push(answer);
  if (answer) take(answer);
  else isLive();
  lastHeard = now.value;
  failures = 0;
  askIn(pause(EVERY) + AFTER * (1 + Math.random()));
}
/** What others were answered before this window had its first list. @type {any[]} */
const missed = [];

/** @param {any} answer null when nothing changed @param {boolean} isFirst */
function pass(answer, isFirst) {
  if (!answer?.reset) share("answer", answer);
  else if (!isFirst) share("fresh");
  if (isFirst) missed.splice(0).forEach((each) => each && take(each));
}

async function poll() {
  clearTimeout(timer);
  if (isAsking) return;
  isAsking = true;
  wanted = LONGEST;
  const isFirst = cursor === null;
  try {
    const { body, isChanged } = await readLive(cursor, isFirst || document.hidden ? null : selected.value, AbortSignal.timeout(LONGEST));
    if (isChanged) take(body);
    else isLive();
    pass(isChanged ? body : null, isFirst);
    // Who looks at what is told with the next question: the first one is the same for all.
    if (isFirst && selected.value) askWithin(SOON);
    lastHeard = now.value;
    failures = 0;
  } catch {
    failures += 1;
    if (line.value.state !== "away") line.value = { state: "away", since: lastHeard };
  } finally {
    isAsking = false;
    askIn(failures ? Math.min(LONGEST, EVERY * 2 ** Math.min(failures, 3)) : Math.min(wanted, pause(EVERY)));
  }
}

/** @param {number} ms */
function askIn(ms) {
  clearTimeout(timer);
  askAt = Date.now() + ms;
  timer = setTimeout(poll, ms);
}

/** Ask within so many milliseconds, however long the next turn was to wait. @param {number} ms */
function askWithin(ms) {
  wanted = Math.min(wanted, ms);
  if (!isAsking && Date.now() + ms < askAt) askIn(ms);
}

/** Ask at once and not at the next turn, after a change of our own. */
export const pollNow = () => askIn(60);

/** Begin: the first list and, from then on, whatever changes. */
export function start() {
  hear("answer", heard);
  hear("fresh", () => { cursor = null; pollNow(); });
  poll();
  follow(askWithin);
  addEventListener("online", pollNow);
  document.addEventListener("visibilitychange", () => !document.hidden && pollNow());
}

/** Read the chosen ticket with its story. @param {string} number */
export async function loadDetail(number) {
  try {
    const found = await readTicket(number, can("see_personal"));
    if (selected.value !== number) return;
    detail.value = found;
    // A walk along the list by keys must not sort thousands anew at each step.
    if (!(tickets.peek().get(number)?.version >= found.ticket.version)) putTickets([found.ticket]);
  } catch (refusal) {
    if (selected.value === number) detail.value = { refusal, number };
  }
}
