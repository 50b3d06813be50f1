/* What does a call-taker see of an open ticket that may be the same fault, to decide at a glance? */
import { html } from "/static/vendor/preact.js";
import { formatAgo, formatTime, localName, n, t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";
import { KnownNotice } from "./known_notice.js";

const METRES_PER_KM = 1_000;

/** @param {number} metres */
const far = (metres) => (metres < METRES_PER_KM ? t("%(metres)s m away", { metres }) : t("%(km)s km away", { km: (metres / METRES_PER_KM).toFixed(1) }));

/** When a crew was promised, and whether that is over. @param {{ticket: any}} props */
function Promised({ ticket }) {
  if (ticket.state === "completed") return html`<span class="toned" data-tone="good">${icon("check")} ${t("fixed")}</span>`;
  if (ticket.arrived_at) return html`<span class="toned" data-tone="good">${icon("map-pin")} ${t("on site since %(time)s", { time: formatTime(ticket.arrived_at) })}</span>`;
  if (!ticket.arrive_due_at) return null;
  const isLate = new Date(ticket.arrive_due_at).getTime() < Date.now();
  return html`<span class=${isLate ? "toned" : ""} data-tone="danger">${icon("clock")} ${isLate ? t("was promised by %(time)s", { time: formatTime(ticket.arrive_due_at) }) : t("promised by %(time)s", { time: formatTime(ticket.arrive_due_at) })}</span>`;
}

/** Who goes there, from where, seen when, and expected when. @param {{crew: any, isDone: boolean}} props */
function Crew({ crew, isDone }) {
  if (!crew && isDone) return null;
  if (!crew) return html`<span class="muted">${icon("truck")} ${t("no crew yet")}</span>`;
  const seen = crew.seen_seconds === null ? null : formatAgo(new Date(Date.now() - crew.seen_seconds * 1000).toISOString());
  return html`<span>${icon("truck")} ${localName(crew)} · ${crew.state_name}${crew.eta_at && html` · <b>${t("expected %(time)s", { time: formatTime(crew.eta_at) })}</b>`}${crew.metres !== null && !crew.arrived_at && ` · ${far(crew.metres)} (${seen})`}</span>`;
}

/**
 * The likeliest first, each with its key.
 * @param {{likely: any[], attach: (ticket: any) => void}} props
 */
export function Likely({ likely, attach }) {
  if (!likely.length) return null;
  const tickets = likely.filter((each) => !each.notice);
  const title = html`<h3 class="likely-title">${icon("git-merge")} ${n("Perhaps the same fault as this one", "Perhaps the same fault as one of these", tickets.length)}</h3>`;
  return html`${tickets.length > 0 && title}
    <ol class="likely">${likely.map((each, index) => html`<li key=${each.number}>${each.notice ? html`<${KnownNotice} notice=${each} />` : html`<${LikelyTicket} ticket=${each} />`}
      <button type="button" onClick=${() => attach(each)}>${each.notice && !each.ticket ? t("Answer with it") : t("Attach")}<kbd aria-hidden="true">Alt ${index + 1}</kbd></button></li>`)}</ol>`;
}

/**
 * The likeliest in one line beside the button that would open a second ticket; the list may be out of sight.
 * @param {{likely: any[], attach: (ticket: any) => void, show: () => void}} props
 */
export function Likeliest({ likely: [first, ...others], attach, show }) {
  if (!first || first.notice) return null;
  return html`<div class="likeliest"><span class="truncate">${icon("git-merge")} ${t("Perhaps the same fault:")} <b>${first.category_name}</b> <span class="number">${first.number}</span> · ${first.address}</span>
    ${others.length > 0 && html`<button type="button" class="quiet" onClick=${show}>${n("%(count)s more", "%(count)s more", others.length)}</button>`}
    <button type="button" onClick=${() => attach(first)}>${t("It is the same")}<kbd aria-hidden="true">Alt 1</kbd></button></div>`;
}

/** @param {{ticket: any}} props */
function LikelyTicket({ ticket }) {
  return html`${ticket.photo && html`<img class="likely-photo" src=${`/api/v1/tickets/${ticket.number}/attachments/${ticket.photo}/thumbnail`} alt=${t("Photo of this fault")} />`}<div>
      <div class="likely-head"><b>${ticket.category_name}</b> <span class="number muted">${ticket.number}</span> <span class="small">${ticket.state_name}</span><span class="small muted number" title=${t("How alike, of 100")}>${Math.round(100 * ticket.score)} %</span></div>
      <div class="small">${ticket.address}</div>
      <div class="small likely-facts"><${Crew} crew=${ticket.crew} isDone=${ticket.state === "completed"} /><${Promised} ticket=${ticket} /><span>${icon("users")} ${n("%(count)s caller", "%(count)s callers", ticket.reports)}</span></div>
      <div class="small muted">${ticket.reasons.join(" · ")}</div></div>`;
}
