/* Of which kind is the ticket, does the planner leave it, and why does it wait? */
import { html } from "/static/vendor/preact.js";
import { t } from "/static/shared/i18n.js";
import { badge, icon } from "/static/shared/icon.js";

/** @type {Record<string, {name: () => string, icon: string}>} */
const KINDS = {
  planned: { name: () => t("Planned visit"), icon: "calendar" },
  inspection: { name: () => t("Inspection"), icon: "eye" },
};
const WHY = new Set(["waits", "nobody_available"]);

/** What a ticket is where it is no repair. @param {{ticket: any}} props */
export function Kind({ ticket }) {
  const kind = KINDS[ticket.kind];
  return kind ? badge(kind.name(), "info", kind.icon) : null;
}

/** Who keeps the planner off the ticket, and since when. @param {{ticket: any, events: any[]}} props */
export function Pinned({ ticket, events }) {
  if (!ticket.pinned) return null;
  const pinned = events.findLast((event) => event.kind === "pinned");
  return html`<p class="pinned-note">${icon("pin")}<span>${pinned ? t("Pinned by %(who)s: the planner leaves it.", { who: pinned.actor }) : t("Pinned: the planner leaves it.")}
    ${pinned?.note && html` <q class="muted">${pinned.note}</q>`}</span></p>`;
}

/** Why a ticket waits, as its story says it last; nothing once something moved. @param {{ticket: any, events: any[]}} props */
export function WhyWaits({ ticket, events }) {
  const last = events.findLast((event) => event.to_state || WHY.has(event.kind));
  if (ticket.pinned || !last || !WHY.has(last.kind) || !last.reasons?.length) return null;
  return html`<ul class="because why-waits">${last.reasons.map((/** @type {string} */ text) => html`<li>${text}</li>`)}</ul>`;
}
