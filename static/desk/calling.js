/* How is a reporter called back who waits for it, and what came of the call? */
import { html, useSignal } from "/static/vendor/preact.js";
import { formatTime, t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";
import { reveal } from "./api.js";
import { close, Head, Refused, useStep, valuesOf } from "./dialogs.js";
import { can, detail } from "./store.js";

const FIELDS = [{ name: "outcome" }, { name: "note" }];

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

/** @param {{ticket: any}} props */
export function CallForm({ ticket }) {
  const { busy, refusal, run } = useStep();
  const reporter = waiting(ticket);
  const name = t("Call back");
  return html`<form onSubmit=${(/** @type {any} */ event) => { event.preventDefault(); run(ticket, "call-back", valuesOf(event.target, FIELDS)); }}>
    <${Head} title=${name} ticket=${ticket} />
    <div class="body stack">
      <p class="muted">${t("Promised by %(time)s.", { time: formatTime(ticket.call_back_due_at) })}</p>
      ${reporter && html`<${Telephone} ticket=${ticket} reporter=${reporter} refusal=${refusal} />`}
      <fieldset class="field"><legend>${t("What came of it?")}</legend>
        <label class="choice"><input type="radio" name="outcome" value="reached" required />${t("Spoke to the resident")}</label>
        <label class="choice"><input type="radio" name="outcome" value="not_reached" required />${t("Not reached: the clock goes on")}</label></fieldset>
      <div class="field"><label for="step-note">${t("Note")} <span class="muted">${t("(optional)")}</span></label><textarea id="step-note" name="note" rows="3" maxlength="2000"></textarea></div>
      <${Refused} refusal=${refusal.value} /></div>
    <footer><button type="button" onClick=${close}>${t("Back")}</button><button class="primary" disabled=${busy.value}>${t("Note the call")}</button></footer>
  </form>`;
}
