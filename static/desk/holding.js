/* Until when does a pause last, and whose is a fault that two teams pass to each other? */
import { html, useEffect, useSignal } from "/static/vendor/preact.js";
import { formatDateTime, t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";
import { readHoldLimits } from "./api.js";
import { can, facts } from "./store.js";

/** How a longest time is said. @param {{minutes?: number, working_days?: number}} longest */
function words({ minutes, working_days }) {
  if (working_days) return t("%(n)s working days", { n: working_days });
  if (!minutes) return t("the same working day");
  return minutes % 60 ? t("%(n)s min", { n: minutes }) : t("%(n)s h", { n: minutes / 60 });
}

/** The longest pause for a chosen reason, and its end. @param {{reason: {value: string}}} props the signal: only this part is drawn anew */
export function HoldEnd({ reason }) {
  const limits = useSignal(/** @type {any[]} */ ([]));
  // The server refuses what is too long; without the list the dialog works all the same.
  useEffect(() => { readHoldLimits().then((found) => (limits.value = found), () => {}); }, []);
  const limit = limits.value.find((each) => each.reason === reason.value);
  return html`<p class="small muted" role="status">${icon("clock-pause")} ${limit
    ? t("At most %(time)s, until %(end)s. Left empty it ends then, and the ticket goes on by itself.", { time: words(limit.longest), end: formatDateTime(limit.ends_at) })
    : t("Each reason has a longest time. When it is over the ticket goes on by itself.")}</p>`;
}

/** When a pause ends by itself. @param {{ticket: any}} props */
export function HeldUntil({ ticket }) {
  if (!ticket.hold?.until_at) return null;
  return html`<p class="pinned-note toned" data-tone="hold">${icon("player-pause")}<span>${facts.holds?.[ticket.hold.reason] ?? ""} · ${t("on hold until %(time)s, then goes on by itself", { time: formatDateTime(ticket.hold.until_at) })}</span></p>`;
}

/** That nobody has decided yet whose the fault is. @param {{events: any[]}} props */
export function Disputed({ events }) {
  const last = events.findLast((event) => event.kind.startsWith("dispute_"));
  if (last?.kind !== "dispute_opened") return null;
  return html`<p class="pinned-note toned" data-tone="warn">${icon("flag")}<span>${last.detail}: ${t("the duty manager decides whose it is; the repair goes on.")}
    ${can("dispute") && html` <a href=${`/circle/disputes/${last.facts.dispute_id}`}>${t("Show the dispute")}</a>`}</span></p>`;
}
