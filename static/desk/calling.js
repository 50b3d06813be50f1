/* How is a reporter called back who waits for it, and what came of the call? */
import { html, useSignal } from "/static/vendor/preact.js";
import { formatTime, t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";
import { reveal } from "./api.js";
import { WaysOut } from "./conflict.js";
import { close, Head, isNewest, Refusals, useStep, valuesOf } from "./dialogs.js";
import { can, detail } from "./store.js";

const FIELDS = () => [
  { name: "outcome", label: t("What came of it?"), options: [["reached", t("Spoke to the resident")], ["not_reached", t("Not reached: the clock goes on")]] },
  { name: "note", label: t("Note") },
];

/** The reporter whom the promise was made to: the first one with a number. @param {any} ticket */
function waiting(ticket) {
  const story = detail.value?.ticket?.number === ticket.number ? detail.value : null;
  return (story?.reports ?? []).find((/** @type {any} */ each) => each.phone);
}

/** The number, masked until somebody asks for it. @param {{ticket: any, reporter: any, refusal: any}} props */
function Telephone({ ticket, reporter, refusal }) {
  const shown = useSignal(/** @type {any} */ (null));
  const show = () => reveal(ticket.number, reporter.id, t("Call back")).then((found) => (shown.value = found), (fault) => (refusal.value = fault));
  if (shown.value) return html`<p class="row">${icon("phone")}<b>${shown.value.name || t("no name")}</b> <a class="mono" href=${`tel:${shown.value.phone}`}>${shown.value.phone}</a></p>`;
  return html`<p class="row">${icon("phone")}<b>${reporter.name || t("no name")}</b> <span class="mono">${reporter.phone}</span>
    ${can("see_personal") && html`<button type="button" onClick=${show}>${icon("eye")}${t("Show the number")}</button>`}</p>
    ${can("see_personal") && html`<p class="muted small">${t("That the number was shown is written down.")}</p>`}`;
}

/** @param {{ask: any, ticket: any}} props */
export function CallForm({ ask, ticket }) {
  const of = useStep(ask.seen);
  const { busy, refusal, run, isStale, seen } = of;
  const fields = FIELDS();
  const reporter = waiting(ticket);
  const name = t("Call back");
  return html`<form onSubmit=${(/** @type {any} */ event) => { event.preventDefault(); run(isStale ? ticket : seen, "call-back", valuesOf(event.target, fields), fields); }}>
    <${Head} title=${name} ticket=${ticket} />
    <div class="body stack">
      <p class="muted">${t("Promised by %(time)s.", { time: formatTime(ticket.call_back_due_at) })}</p>
      ${reporter && html`<${Telephone} ticket=${ticket} reporter=${reporter} refusal=${refusal} />`}
      <fieldset class="field"><legend>${t("What came of it?")}</legend>
        ${fields[0].options?.map(([key, words]) => html`<label class="choice"><input type="radio" name="outcome" value=${key} required />${words}</label>`)}</fieldset>
      <div class="field"><label for="step-note">${t("Note")} <span class="muted">${t("(optional)")}</span></label><textarea id="step-note" name="note" rows="3" maxlength="2000"></textarea></div>
      <${Refusals} of=${of} step=${ask.step} ticket=${ticket} /></div>
    <footer>${isStale ? html`<${WaysOut} busy=${busy.value} ready=${isNewest(ticket, refusal.value)} onDrop=${close} />`
      : html`<button type="button" onClick=${close}>${t("Back")}</button><button class="primary" disabled=${busy.value}>${t("Note the call")}</button>`}</footer>
  </form>`;
}
