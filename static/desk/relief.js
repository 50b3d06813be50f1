/* Which crew wants to hand its ticket over to another, and what does the desk do about it? */
import { html } from "/static/vendor/preact.js";
import { formatTime, localName, t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";
import { can, crews, facts, now } from "./store.js";

/** @typedef {Record<string, any>} Ticket */

const HANDS_OVER = ["acknowledged", "en_route", "arrived", "working"];
const mayAct = () => can("act_for_crew") || can("do_field_work");

/** The visit that can be handed over: the one that asks, else the leading one. @param {Ticket} ticket */
function visitOf(ticket) {
  const open = (ticket.visits ?? []).filter((/** @type {any} */ visit) => HANDS_OVER.includes(visit.state));
  return open.find(isAsked) ?? open.find((/** @type {any} */ visit) => visit.role === "lead");
}

/** Whether a hand-over of a visit waits for an answer. @param {any} visit */
const isAsked = (visit) => visit?.relief?.state === "asked";

/** The crews that may be named, those of the same team as the one that asks first. @param {Ticket} ticket */
function others(ticket) {
  const busy = new Set((ticket.visits ?? []).filter((/** @type {any} */ visit) => !visit.ended_at).map((/** @type {any} */ visit) => visit.crew?.id));
  const free = crews.value.filter((crew) => !busy.has(crew.id));
  const own = crews.value.find((crew) => crew.id === visitOf(ticket)?.crew?.id)?.team?.id;
  const turn = (/** @type {any} */ crew) => Number(crew.team?.id !== own);
  return free.sort((one, two) => turn(one) - turn(two) || localName(one).localeCompare(localName(two))).map((crew) => [crew.id, localName(crew)]);
}

/** The steps of a hand-over from one crew to another, as `steps.js` lists them. @type {any[]} */
export const RELIEF_STEPS = [
  {
    key: "hand-over", icon: "users", group: "crew", name: () => t("Hand over to another crew"),
    may: (/** @type {Ticket} */ ticket) => mayAct() && ticket.state !== "on_hold" && Boolean(visitOf(ticket)),
    fields: (/** @type {Ticket} */ ticket) => {
      const asked = isAsked(visitOf(ticket));
      return [
        { name: "reason", kind: "select", label: t("Why"), options: Object.entries(facts.reliefs ?? {}), value: visitOf(ticket)?.relief?.reason, required: !asked },
        { name: "to_crew_id", kind: "select", label: t("Which crew"), options: [["", t("The desk chooses")], ...others(ticket)], value: visitOf(ticket)?.relief?.crew?.id },
        { name: "note", kind: "textarea", label: t("What has been done so far"), required: !asked },
      ];
    },
    done: () => t("The other crew is asked."),
  },
  { key: "take-over", icon: "check", group: "crew", name: () => t("Taken over by the other crew"), may: (/** @type {Ticket} */ ticket) => mayAct() && isAsked(visitOf(ticket)) && Boolean(visitOf(ticket).relief.crew), done: () => t("Noted for the crew.") },
  {
    key: "refuse-hand-over", icon: "x", group: "crew", name: () => t("No other crew takes it over"), may: (/** @type {Ticket} */ ticket) => mayAct() && isAsked(visitOf(ticket)),
    fields: () => [{ name: "reason", kind: "textarea", label: t("Reason"), required: true }], done: () => t("The crew keeps the ticket."),
  },
];

/** Whether nobody answered in time. @param {any} visit */
const isUnanswered = ({ relief: { answer_due_at: due } }) => Boolean(due) && Date.parse(due) <= now.value;

/** Who was asked when. @param {any} visit */
function asks({ crew: whose, relief: { crew, asked_at: at } }) {
  const words = { crew: localName(whose), other: localName(crew), time: formatTime(at) };
  return crew
    ? t("%(crew)s asked %(other)s at %(time)s to take over, which has not answered.", words)
    : t("%(crew)s asked at %(time)s for another crew to take over: name one, or say no.", words);
}

/** That a crew wants to hand over, and who has to answer until when. @param {{ticket: Ticket}} props */
export function HandsOver({ ticket }) {
  const visit = visitOf(ticket);
  if (!isAsked(visit)) return null;
  const { reason_name: why, answer_due_at: due } = visit.relief;
  const isLate = isUnanswered(visit);
  return html`<p class="pinned-note toned" data-tone=${isLate ? "danger" : "warn"} role="note">${icon("users")}<span>${asks(visit)} ${
    isLate && html`<b>${t("It should have been answered by %(time)s.", { time: formatTime(due) })}</b> `}${why}${visit.note && html` <q>${visit.note}</q>`}</span></p>`;
}

/** The same for the list: two people until it is late, then in words. @param {{ticket: Ticket}} props */
export function HandOverMark({ ticket }) {
  const visit = visitOf(ticket);
  if (!isAsked(visit)) return null;
  const [told, isLate] = [asks(visit), isUnanswered(visit)];
  return html`<span class="toned truncate hand-over" data-tone=${isLate ? "danger" : "warn"} title=${told}>${icon("users", told)}${isLate && t("not answered")}</span>`;
}
