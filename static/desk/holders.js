/* Who held the ticket at each minute, as a bar, and in numbers as a table? */
import { html } from "/static/vendor/preact.js";
import { formatDateTime, localName, t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";

/** The colour of each kind of holder, by the name of a stage. @type {Record<string, string>} */
const LOOKS = { desk: "answer", team: "dispatch", crew: "travel", department: "turnout", hold: "acknowledge", nobody: "none" };

/** @param {any} holder */
function wordsOf(holder) {
  const name = localName(holder);
  return ["desk", "nobody"].includes(holder.kind) || name === holder.kind_name ? holder.kind_name : t("%(kind)s: %(name)s", { kind: holder.kind_name, name });
}

/** @param {{held: any}} props */
function Bar({ held }) {
  const begin = Date.parse(held.from_at);
  const whole = Math.max(1, Date.parse(held.to_at) - begin);
  return html`<svg class="holder-bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
    ${held.spans.map((/** @type {any} */ span) => {
      const from = ((Date.parse(span.from_at) - begin) / whole) * 1000;
      const width = ((Date.parse(span.to_at) - Date.parse(span.from_at)) / whole) * 1000;
      return html`<rect data-stage=${LOOKS[span.holder.kind]} x=${from.toFixed(2)} width=${width.toFixed(2)} height="10" />`;
    })}</svg>`;
}

/** @param {{row: any}} props */
const Row = ({ row }) => html`<tr>
  <th scope="row"><span class="holder-mark" data-stage=${LOOKS[row.holder.kind]} aria-hidden="true"></span>${wordsOf(row.holder)}</th>
  <td class="number">${Math.round(row.seconds / 60)}</td><td class="number">${Math.round(row.share * 100)} %</td></tr>`;

/** @param {{each: any}} props */
const Broken = ({ each }) => html`<li class="toned small" data-tone=${each.raw_only ? "hold" : "danger"}>${icon(each.raw_only ? "player-pause" : "alert-octagon")}
  ${each.raw_only ? t("%(promise)s: late at %(time)s without its holds, then with %(holder)s", broken(each)) : t("%(promise)s: missed at %(time)s, then with %(holder)s", broken(each))}</li>`;

/** @param {any} each */
const broken = (each) => ({
  promise: each.clock_name, time: formatDateTime(each.at), holder: each.holder ? wordsOf(each.holder) : "–",
});

/** @param {{held: any}} props */
export function Holders({ held }) {
  if (!held?.spans.length) return null;
  return html`<section class="pane-part"><h3 id="holders-head">${t("Who held it")}</h3>
    <${Bar} held=${held} />
    <table class="holder-table small" aria-labelledby="holders-head">
      <thead><tr><th scope="col">${t("Held by")}</th><th class="number" scope="col">${t("Minutes")}</th><th class="number" scope="col">${t("Share")}</th></tr></thead>
      <tbody>${held.holders.map((/** @type {any} */ row) => html`<${Row} key=${row.holder.kind + row.holder.key} row=${row} />`)}</tbody></table>
    ${held.broken.length > 0 && html`<ul class="holder-broken">${held.broken.map((/** @type {any} */ each) => html`<${Broken} key=${each.clock} each=${each} />`)}</ul>`}
  </section>`;
}
