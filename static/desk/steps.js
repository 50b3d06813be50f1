/* Which steps may be taken on a ticket now, what does each need, and how is it undone? */
import { batch } from "/static/vendor/preact.js";
import { localName, t } from "/static/shared/i18n.js";
import { takeStep } from "./api.js";
import { loadDetail, pollNow } from "./live.js";
import { isPlaced, waitsForCall } from "./promises.js";
import { RELIEF_STEPS } from "./relief.js";
import { can, chosen, detail, dialog, facts, pointing, putTickets, say, select, tab } from "./store.js";

/** @typedef {Record<string, any>} Ticket */

const REACHED = new Set(["arrived", "working", "completed", "closed"]);
const ENDED = new Set(["closed", "duplicate", "solved_by_phone", "answered_by_notice", "cancelled"]);

/** No other change can make these wrong. */
const APPEND_ONLY = new Set(["note", "time-left"]);
const ON_SITE = ["arrived", "working"];
/** Minutes that a crew says with one tap, as on its page. */
const TIMES = [10, 20, 40, 80];

/** What may be done with a past ticket that was imported. */
const FOR_PAST = new Set(["note", "print"]);

/** @param {Ticket} ticket @param {string} state */
const mayBecome = (ticket, state) => (facts.follows?.[ticket.state] ?? []).includes(state);
const forCrew = () => can("act_for_crew") || can("do_field_work");
/** The visit that speaks for the ticket. @param {Ticket} ticket */
export const leadOf = (ticket) =>
  (ticket.visits ?? []).find((/** @type {any} */ visit) => visit.role === "lead" && ["dispatched", "acknowledged", "en_route", "arrived", "working"].includes(visit.state));
/** @param {Ticket} ticket @param {string[]} states */
const visitIn = (ticket, states) => forCrew() && states.includes(leadOf(ticket)?.state);

const reason = () => ({ name: "reason", kind: "textarea", label: t("Reason"), required: true });
const note = (/** @type {boolean} */ required = false) => ({ name: "note", kind: "textarea", label: t("Note"), required });
/** Whose the fault is instead, for the duty manager to decide. @param {Ticket} ticket */
const whose = (ticket) => (ticket.team ? [
  { name: "ground", kind: "select", label: t("Ask the duty manager whose it is"), options: [["", t("no dispute")], ...options(facts.grounds)] },
  { name: "team_id", kind: "select", label: t("It belongs to the team"), options: [["", "–"], ...(facts.teams ?? []).filter((/** @type {any[]} */ [id]) => id !== ticket.team.id)] },
  { name: "department", kind: "line", label: t("or to another department") },
] : []);
/** @param {Record<string, string>} words */
const options = (words) => Object.entries(words ?? {});

/**
 * Every step of the desk. `fields` opens a small form first; `opens` another dialog; `group` says where the button stands.
 * Of a partial one only what differs from before is sent.
 * @type {{key: string, isPartial?: boolean, hint?: string, icon: string, group: string, tone?: string, name: (ticket: Ticket) => string,
 *   may: (ticket: Ticket) => boolean, fields?: (ticket: Ticket) => any[], opens?: string, done: (ticket: Ticket) => string,
 *   undo?: (before: Ticket) => [string, Record<string, unknown>] | null, isNext?: (ticket: Ticket) => boolean}[]}
 */
export const STEPS = [
  {
    key: "dispatch", hint: "a", icon: "send", group: "main", opens: "dispatch",
    name: (ticket) => (ticket.crew ? t("Send another") : t("Send a crew")),
    may: (ticket) => can("dispatch") && (mayBecome(ticket, "dispatched") || ticket.state === "dispatched") && ticket.state !== "on_hold",
    isNext: (ticket) => !ticket.crew && isPlaced(ticket),
    done: () => t("The crew has been sent."),
    undo: ({ crew }) => (crew ? ["dispatch", { crew_id: crew.id, override_reason: t("Undone at the desk") }] : ["withdraw", { reason: t("Undone at the desk") }]),
  },
  {
    key: "call-back", hint: "c", icon: "phone-call", group: "main", opens: "call-back", name: () => t("Call back"),
    may: (ticket) => can("take_call") && waitsForCall(ticket),
    isNext: (ticket) => ticket.next_clock?.kind === "call_back" && Boolean(ticket.crew),
    done: () => t("The call is noted."),
  },
  {
    key: "place", hint: "p", icon: "map-pin", group: "more", opens: "place",
    name: (ticket) => (isPlaced(ticket) ? t("Move on the map") : t("Place on the map")),
    may: (ticket) => can("place_ticket") && !REACHED.has(ticket.state) && !ENDED.has(ticket.state),
    isNext: (ticket) => !isPlaced(ticket),
    done: () => t("The ticket has been placed."),
    undo: ({ place }) => (place?.lat === null || place?.lat === undefined ? null : ["place", { lat: place.given?.lat ?? place.lat, lon: place.given?.lon ?? place.lon, datum: place.given?.datum ?? "wgs84" }]),
  },
  {
    key: "close", hint: "e", icon: "checks", group: "main", name: () => t("Close the ticket"),
    may: (ticket) => can("close_ticket") && mayBecome(ticket, "closed"), isNext: () => true,
    fields: (ticket) => (ticket.open_tasks ? [{ ...reason(), label: t("Why is it closed over open tasks?") }] : []),
    done: () => t("The ticket is closed."),
  },
  {
    key: "release", hint: "h", icon: "player-play", group: "main", name: () => t("Release the hold"),
    may: (ticket) => can("hold_ticket") && ticket.state === "on_hold", isNext: () => true,
    done: () => t("The hold is released; the clocks run again."),
    undo: ({ hold }) => (hold ? ["hold", { reason: hold.reason, until_at: hold.until_at ?? undefined }] : null),
  },
  {
    key: "separate", hint: "m", icon: "git-merge", group: "main", name: () => t("Separate again"),
    may: (ticket) => can("take_call") && ticket.state === "duplicate", isNext: () => true,
    done: () => t("The ticket stands alone again."), undo: ({ parent }) => (parent ? ["merge", { into: parent }] : null),
  },
  {
    key: "hold", hint: "h", icon: "player-pause", group: "main", name: () => t("Hold"),
    may: (ticket) => can("hold_ticket") && mayBecome(ticket, "on_hold"),
    fields: () => [
      { name: "reason", kind: "choice", label: t("Why does it wait?"), options: options(facts.holds), required: true },
      { name: "until_at", kind: "instant", label: t("Until") },
    ],
    done: () => t("The ticket is on hold."), undo: () => ["release", {}],
  },
  {
    key: "note", hint: "o", icon: "message", group: "more", name: () => t("Add a note"), may: () => can("write_note"),
    fields: () => [note(true)], done: () => t("The note has been added."),
  },
  {
    key: "level", hint: "l", icon: "urgent", group: "more", name: () => t("Change the level"),
    may: (ticket) => can("place_ticket") && !ENDED.has(ticket.state),
    fields: (ticket) => [
      { name: "level", kind: "choice", label: t("Level"), options: options(facts.levels).map(([key, name]) => [Number(key), `${key} · ${name}`]), value: ticket.level, required: true },
      { ...reason(), required: false },
    ],
    done: () => t("The level has been changed."), undo: ({ level }) => ["level", { level, reason: t("Undone at the desk") }],
  },
  {
    key: "details", isPartial: true, hint: "d", icon: "edit", group: "more", name: () => t("Mend the details"),
    may: (ticket) => can("place_ticket") && !ENDED.has(ticket.state),
    fields: (ticket) => [
      { name: "category", kind: "select", label: t("What"), options: facts.categories.map((/** @type {any} */ each) => [each.key, each.name]), value: ticket.category, required: true },
      { name: "description", kind: "textarea", label: t("What the caller says"), value: ticket.description },
      { name: "pipe_mm", kind: "millimetres", label: t("Pipe, millimetres"), value: ticket.pipe_mm },
    ],
    done: () => t("The details have been mended."),
  },
  {
    key: "merge", hint: "m", icon: "git-merge", group: "more", name: () => t("Merge into another ticket"),
    may: (ticket) => can("take_call") && mayBecome(ticket, "duplicate"),
    fields: () => [{ name: "into", kind: "ticket", label: t("Number of the ticket that stays"), required: true }],
    done: () => t("The tickets are one now."), undo: () => ["separate", {}],
  },
  {
    key: "solve-by-phone", icon: "phone", group: "more", name: () => t("Solved by phone"),
    may: (ticket) => can("take_call") && mayBecome(ticket, "solved_by_phone"),
    fields: () => [{ ...reason(), label: t("What helped?") }], done: () => t("Solved by phone."),
  },
  {
    key: "return", icon: "arrow-back-up", group: "more", name: () => t("Return to the desk"),
    may: (ticket) => can("return_ticket") && mayBecome(ticket, "returned"),
    fields: (ticket) => [reason(), ...whose(ticket)], done: () => t("The ticket is back at the desk."),
  },
  {
    key: "withdraw", icon: "truck", group: "more", name: () => t("Call the crew back"),
    may: (ticket) => can("dispatch") && ["dispatched", "acknowledged", "en_route"].includes(leadOf(ticket)?.state),
    fields: () => [reason()], done: () => t("The crew has been called back."),
    undo: ({ crew }) => (crew ? ["dispatch", { crew_id: crew.id, override_reason: t("Undone at the desk") }] : null),
  },
  {
    key: "pin", hint: "i", icon: "pin", group: "more", name: () => t("Pin: the planner leaves it"),
    may: (ticket) => can("dispatch") && !ticket.pinned && !REACHED.has(ticket.state) && !ENDED.has(ticket.state),
    fields: () => [reason()], done: () => t("Pinned: the planner leaves it."), undo: () => ["unpin", { reason: t("Undone at the desk") }],
  },
  {
    key: "unpin", hint: "i", icon: "pinned-off", group: "more", name: () => t("Unpin: the planner may plan it"),
    may: (ticket) => can("dispatch") && ticket.pinned && !ENDED.has(ticket.state),
    fields: () => [reason()], done: () => t("The planner plans it again."), undo: () => ["pin", { reason: t("Undone at the desk") }],
  },
  {
    key: "print", hint: "P", icon: "printer", group: "more", opens: "print", name: () => t("Print the work order"),
    may: () => can("see_desk"), done: () => "",
  },
  {
    key: "correct-time", icon: "clock", group: "more", name: () => t("Correct a time"),
    may: () => can("correct_time"),
    fields: (ticket) => [
      { name: "step", kind: "select", label: t("Which time"), required: true, options: (facts.correctable ?? []).filter((/** @type {string} */ step) => ticket[`${step}_at`]).map((/** @type {string} */ step) => [step, facts.states?.[step] ?? step]) },
      { name: "at", kind: "instant", label: t("It happened at"), required: true },
      reason(),
    ],
    done: () => t("The time has been corrected; the first one stays in the story."),
  },
  {
    key: "reopen", icon: "rotate", group: "more", name: () => t("Reopen"),
    may: (ticket) => can("close_ticket") && mayBecome(ticket, "reopened") && ticket.state !== "on_hold",
    fields: () => [reason()], done: () => t("The ticket is open again."),
  },
  {
    key: "cancel", icon: "ban", group: "more", tone: "danger", name: () => t("Cancel the ticket"),
    may: (ticket) => can("close_ticket") && mayBecome(ticket, "cancelled"),
    fields: () => [reason()], done: () => t("The ticket is cancelled."),
  },
  { key: "acknowledge", icon: "check", group: "crew", name: () => t("Acknowledged"), may: (ticket) => visitIn(ticket, ["dispatched"]), done: () => t("Noted for the crew.") },
  { key: "set-off", icon: "truck", group: "crew", name: () => t("Set off"), may: (ticket) => visitIn(ticket, ["dispatched", "acknowledged"]), done: () => t("Noted for the crew.") },
  { key: "arrive", icon: "map-pin", group: "crew", name: () => t("Arrived"), may: (ticket) => visitIn(ticket, ["dispatched", "acknowledged", "en_route"]), done: () => t("Noted for the crew.") },
  { key: "start", icon: "tool", group: "crew", name: () => t("Work started"), may: (ticket) => visitIn(ticket, ["arrived"]), done: () => t("Noted for the crew.") },
  {
    key: "time-left", icon: "clock", group: "crew", name: () => t("Time still needed"), may: (ticket) => visitIn(ticket, ON_SITE),
    fields: (ticket) => [
      { name: "minutes", kind: "choice", label: t("How much longer does the crew need?"), options: TIMES.map((minutes) => [minutes, t("About %(minutes)s min more", { minutes })]), required: true },
      { name: "crew_id", kind: "select", label: t("Crew"), options: ticket.visits.filter((/** @type {any} */ visit) => ON_SITE.includes(visit.state)).map((/** @type {any} */ visit) => [visit.crew.id, localName(visit.crew)]), value: leadOf(ticket).crew.id, required: true },
    ],
    done: () => t("Noted for the crew."),
  },
  { key: "restore", icon: "droplet", group: "crew", name: () => t("Supply restored"), may: (ticket) => visitIn(ticket, ["arrived", "working"]) && !ticket.restored_at, done: () => t("Noted for the crew.") },
  { key: "complete", icon: "circle-check", group: "crew", name: () => t("Fixed"), may: (ticket) => visitIn(ticket, ["arrived", "working"]), fields: () => [note()], done: () => t("Noted for the crew.") },
  {
    key: "cannot-complete", icon: "circle-x", group: "crew", name: () => t("Could not be fixed"), may: (ticket) => visitIn(ticket, ["arrived", "working"]),
    fields: () => [{ name: "cause", kind: "choice", label: t("Cause"), options: options(facts.causes), required: true }, note()], done: () => t("Noted for the crew."),
  },
  { key: "decline", icon: "x", group: "crew", name: () => t("Declined"), may: (ticket) => visitIn(ticket, ["dispatched", "acknowledged", "en_route"]), fields: () => [reason()], done: () => t("Noted for the crew.") },
  ...RELIEF_STEPS,
];

/** @param {Ticket} ticket */
export const stepsFor = (ticket) => STEPS.filter((step) => step.may(ticket) && (!ticket.imported || FOR_PAST.has(step.key)));

/** Begin a step: at once, with its form, or on the map. @param {Ticket} ticket @param {string} key */
export function begin(ticket, key) {
  const step = STEPS.find((each) => each.key === key);
  if (!step) return;
  if (step.opens === "place") pointFor(ticket);
  else if (step.opens === "print") open(`/desk/tickets/${encodeURIComponent(ticket.number)}/work-order`, "_blank", "noopener");
  else if (step.opens || step.fields?.(ticket).length) dialog.value = { kind: step.opens ?? "step", step, number: ticket.number, seen: ticket };
  else takeNow(ticket, key, {});
}

/** @param {Ticket} ticket */
function pointFor(ticket) {
  batch(() => {
    tab.value = "map";
    pointing.value = {
      words: t("Click where %(number)s is.", { number: ticket.number }),
      take: (/** @type {number} */ lat, /** @type {number} */ lon) => {
        pointing.value = null;
        takeNow(ticket, "place", { lat, lon, datum: "wgs84", place_source: "pin" });
      },
    };
  });
}

/** Take a step without a form; what somebody else changed meanwhile is shown beside it. @param {Ticket} ticket @param {string} key @param {Record<string, unknown>} values */
function takeNow(ticket, key, values) {
  take(ticket, key, values).catch((refusal) => notTaken(ticket, key, values, refusal));
}

/** Say why a step without a form was refused; both values where somebody was faster. @param {Ticket} seen @param {string} key @param {Record<string, unknown>} values @param {any} refusal */
function notTaken(seen, key, values, refusal) {
  if (refusal.code !== "stale" || dialog.value) return void refused(refusal);
  select(seen.number, false);
  loadDetail(seen.number);
  dialog.value = { kind: "stale", step: STEPS.find((each) => each.key === key), values, refusal, number: seen.number, seen };
}

/** Take a step back from the ticket as the step had left it. @param {Ticket} after @param {[string, Record<string, unknown>]} back */
function takeBack(after, [key, values]) {
  takeStep(after.number, key, values, after.version).then(() => { loadDetail(after.number); pollNow(); }, (refusal) => notTaken(after, key, values, refusal));
}

/** Say why a step was refused; for a stale picture, show the newest one. @param {any} refusal */
export function refused(refusal) {
  say(refusal.message, { tone: refusal.code === "stale" ? "warn" : "danger" });
  if (refusal.status === 409 && chosen.value) loadDetail(chosen.value.number);
}

/**
 * Take a step on the ticket as it was seen, show what came of it and offer the way back.
 * @param {Ticket} ticket @param {string} key @param {Record<string, unknown>} values
 */
export async function take(ticket, key, values) {
  const step = STEPS.find((each) => each.key === key);
  const after = await takeStep(ticket.number, key, values, APPEND_ONLY.has(key) ? undefined : ticket.version);
  if (after?.number) {
    batch(() => {
      putTickets([after]);
      if (detail.value?.ticket?.number === after.number) detail.value = { ...detail.value, ticket: { ...detail.value.ticket, ...after } };
    });
  }
  const back = step?.undo?.(ticket);
  say(`${ticket.number} · ${step?.done(ticket) ?? ""}`, { undo: back ? () => takeBack(after, back) : undefined });
  loadDetail(ticket.number);
  pollNow();
}
