/* When is the crew expected, and what does that rest on? */
import { html } from "/static/vendor/preact.js";
import { formatAgo, formatTime, t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";
import { crews, now } from "./store.js";
import { leadOf } from "./steps.js";

/** Where the crew was last heard of too long ago to trust the time, in words. @param {any} visit */
function oldPosition(visit) {
  const crew = crews.value.find((each) => each.id === visit.crew?.id);
  return crew?.position?.stale ? t("last position %(ago)s", { ago: formatAgo(crew.position.measured_at, now.peek()) }) : "";
}

/** What the time of a crew on its way rests on, in words; the first says who reckoned the drive. @param {any} visit */
export function restsOn(visit) {
  if (!visit?.eta_at || visit.arrived_at) return [];
  const begun = visit.en_route_at ? t("counted from when the crew said it set off, %(time)s", { time: formatTime(visit.en_route_at) }) : visit.acknowledged_at ? t("counted from when the crew said it has the ticket, %(time)s", { time: formatTime(visit.acknowledged_at) }) : "";
  return [...(visit.eta_basis ?? []), begun, oldPosition(visit)].filter(Boolean);
}

/** The same as a tooltip for a ticket of the list. @param {any} ticket */
export function arrivalTitle(ticket) {
  const visit = leadOf(ticket);
  const said = restsOn(visit);
  return visit && said.length ? [t("there at %(time)s", { time: formatTime(visit.eta_at) }), ...said].join("\n") : undefined;
}

/** @param {{visit: any}} props */
export function ArrivalBasis({ visit }) {
  const said = restsOn(visit);
  if (!said.length) return null;
  return html`<p class="small muted arrival-basis">${icon("info-circle")}<span>${said.join(" · ")}</span></p>`;
}
