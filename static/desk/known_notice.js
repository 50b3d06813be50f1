/* What does a call-taker see of an interruption that explains what the caller tells? */
import { html } from "/static/vendor/preact.js";
import { formatDateTime, localName, n, t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";

/** A notice beside the tickets that may be the same fault. @param {any} notice */
export const asSuggestion = (notice) => ({ ...notice, notice: notice.id, number: `notice-${notice.id}`, category: notice.categories[0] });

/** Why the water is off there, until when, and what the caller is told. @param {{notice: any}} props */
export function KnownNotice({ notice }) {
  return html`<div class="known-notice">
    <div class="known-notice-head">${icon("droplet-off")}<b>${t("Known interruption")}</b> <span>${localName({ name: notice.area, name_zh: notice.area_zh })}</span></div>
    <div class="small likely-facts"><span>${notice.kind_name}</span><span>${icon("clock")} ${t("expected to end %(time)s", { time: formatDateTime(notice.ends_at) })}</span>
      ${notice.ticket && html`<span><span class="number">${notice.ticket}</span> · ${n("%(count)s caller", "%(count)s callers", notice.reports)}</span>`}</div>
    <div class="small">${notice.tell}</div></div>`;
}
