/* What proves that the crew was there, and what speaks against it? */
import { html } from "/static/vendor/preact.js";
import { formatTime, t } from "/static/shared/i18n.js";
import { badge, icon } from "/static/shared/icon.js";

/** Tone and icon of each grade. @type {Record<string, [string, string]>} */
const LOOKS = {
  confirmed: ["good", "circle-check"], crew_only: ["neutral", "user"], geofence_only: ["info", "map-pin"], disputed: ["warn", "alert-triangle"],
};

/** The grade of an arrival with its reasons; before the tap only that the phone is there. @param {{visit: any}} props */
export function Evidence({ visit }) {
  const arrival = visit?.arrival;
  if (!arrival) return null;
  const flags = Object.entries(arrival.flags ?? {});
  if (!visit.arrived_at) {
    return arrival.since && html`<p class="small toned evidence" data-tone="info">${icon("map-pin")} ${t("No tap yet; the phone came to the place at %(time)s.", { time: formatTime(arrival.since) })}</p>`;
  }
  const [tone, picture] = LOOKS[visit.arrival_grade] ?? LOOKS.crew_only;
  return html`<div class="evidence"><h4>${t("Arrival")} ${badge(arrival.grade_name, tone, picture)}</h4>
    <ul class="because">${arrival.reasons.map((/** @type {string} */ words) => html`<li>${words}</li>`)}
      ${flags.map(([flag, words]) => html`<li key=${flag} class="toned" data-tone="warn">${words}</li>`)}</ul></div>`;
}
