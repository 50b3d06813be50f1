/* Where did the time to the arrival go, stage by stage? */
import { html } from "/static/vendor/preact.js";
import { formatSpan, formatTime, t } from "/static/shared/i18n.js";
import { facts, now } from "./store.js";

/** @typedef {Record<string, any>} Ticket */
/** @typedef {{key: string, from: number, to: number, isOver: boolean}} Slice */

const STAGES = [["dispatch", "dispatched_at"], ["acknowledge", "acknowledged_at"], ["turnout", "en_route_at"], ["travel", "arrived_at"]];
const NAMES = () => ({ dispatch: t("Dispatch"), acknowledge: t("Acknowledge"), turnout: t("Turnout"), travel: t("Travel") });
const ENDED = new Set(["closed", "duplicate", "solved_by_phone", "answered_by_notice", "cancelled", "completed"]);
const WIDTH = 1000;

/**
 * The stages from the call to the arrival; the last runs on while nobody has arrived. A step that nobody stamped is
 * part of the next.
 * @param {Ticket} ticket @param {number} at milliseconds @returns {Slice[]}
 */
export function slicesOf(ticket, at) {
  const slices = [];
  let from = Date.parse(ticket.received_at);
  for (const [key, stamp] of STAGES) {
    if (!ticket[stamp]) continue;
    const to = Math.max(from, Date.parse(ticket[stamp]));
    slices.push({ key, from, to, isOver: true });
    from = to;
  }
  if (ticket.arrived_at || ENDED.has(ticket.state)) return slices;
  const next = STAGES.slice(STAGES.findLastIndex(([, stamp]) => ticket[stamp]) + 1)[0]?.[0] ?? "travel";
  return [...slices, { key: next, from, to: Math.max(from, at), isOver: false }];
}

/** When the ticket stood still, until the arrival. @param {any[]} events @param {number} until @returns {[number, number][]} */
export function holdsOf(events, until) {
  /** @type {[number, number][]} */
  const spans = [];
  let begin = null;
  for (const event of events) {
    const at = Date.parse(event.effective_at ?? event.recorded_at);
    if (event.kind === "held") begin ??= at;
    else if (begin !== null && (event.kind === "released" || (event.from_state === "on_hold" && event.to_state))) {
      spans.push([begin, at]);
      begin = null;
    }
  }
  if (begin !== null) spans.push([begin, until]);
  return spans.map(([from, to]) => /** @type {[number, number]} */ ([from, Math.min(to, until)])).filter(([from, to]) => to > from);
}

/** @param {{ticket: Ticket, events: any[]}} props */
export function StageBar({ ticket, events }) {
  if (!ticket.arrive_due_at) return null;
  const start = Date.parse(ticket.received_at);
  const slices = slicesOf(ticket, now.value);
  const end = slices.at(-1)?.to ?? start;
  if (end <= start) return null;
  const dues = [["dispatch", ticket.dispatch_due_at], ["acknowledge", ticket.acknowledge_due_at], ["arrive", ticket.arrive_due_at]].filter(([, due]) => due);
  const last = Math.max(end, ...dues.map(([, due]) => Date.parse(due)));
  const x = (/** @type {number} */ at) => Math.round((WIDTH * (at - start)) / (last - start));
  const holds = holdsOf(events, end);
  const held = holds.reduce((sum, [from, to]) => sum + to - from, 0);
  const names = /** @type {Record<string, string>} */ (NAMES());
  return html`<figure class="stages"><svg viewBox="0 0 ${WIDTH} 40" preserveAspectRatio="none" aria-hidden="true">
      <defs><pattern id="hold-hatch" width="12" height="12" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="5" height="12" class="hatch" /></pattern></defs>
      <rect class="stage-rest" x="0" y="8" width=${WIDTH} height="24" />
      ${slices.map(({ key, from, to }) => html`<rect key=${key} class="stage" data-stage=${key} x=${x(from)} y="8" width=${Math.max(2, x(to) - x(from))} height="24" />`)}
      ${holds.map(([from, to]) => html`<rect x=${x(from)} y="8" width=${Math.max(2, x(to) - x(from))} height="24" fill="url(#hold-hatch)" />`)}
      ${dues.map(([key, due]) => html`<line key=${key} class="stage-due" data-due=${key} x1=${x(Date.parse(due))} x2=${x(Date.parse(due))} y1="0" y2="40" />`)}
    </svg>
    <figcaption><ul class="stage-words">
      ${slices.map(({ key, from, to, isOver }) => html`<li key=${key}><span class="swatch" data-stage=${key}></span>${names[key]} <b class="number">${formatSpan((to - from) / 1000)}</b>${!isOver && html` <span class="muted">${t("so far")}</span>`}</li>`)}
      ${held > 0 && html`<li><span class="swatch" data-stage="hold"></span>${t("on hold")} <b class="number">${formatSpan(held / 1000)}</b></li>`}
      <li class="muted"><span class="swatch" data-stage="due"></span>${dues.map(([key, due]) => t("%(promise)s by %(time)s", { promise: facts.clocks?.[key] ?? key, time: formatTime(due) })).join(" · ")}</li>
    </ul></figcaption></figure>`;
}
