/* What happened before near the ticket and at its household, and how did it end? */
import { html, useEffect, useSignal } from "/static/vendor/preact.js";
import { formatDay, localName, n, t } from "/static/shared/i18n.js";
import { badge, icon } from "/static/shared/icon.js";
import { readSimilar } from "./api.js";
import { State } from "./queue.js";
import { select } from "./store.js";

/** Walking through the list by key asks for none of them. */
const CALM = 350;

/** @param {{ticket: any}} props */
function Ticket({ ticket }) {
  const outcome = [
    ticket.visits > 0 && n("%(count)s visit", "%(count)s visits", ticket.visits), ticket.cause_name,
    ticket.reopenings > 0 && t("reopened"), ticket.imported && t("imported"),
  ].filter(Boolean);
  return html`<li class="similar"><button class="bare link number" type="button" onClick=${() => select(ticket.number)}>${ticket.number}</button>
    <span><b>${ticket.category_name}</b> <${State} state=${ticket.state} name=${ticket.state_name} />${outcome.length > 0 && html` <span class="muted">${outcome.join(" · ")}</span>`}
      <span class="more muted">${ticket.same_household ? html`${badge(t("same household"), "info", "home")} ` : `${t("%(metres)s m away", { metres: Math.round(ticket.metres ?? 0) })} · `}${ticket.address}</span></span>
    <time class="muted number" datetime=${ticket.received_at}>${formatDay(ticket.received_at)}</time></li>`;
}

/** @param {{complaint: any}} props */
function Complaint({ complaint }) {
  const words = [
    complaint.not_fixed && t("not fixed"),
    complaint.process && complaint.process <= 2 && t("how it went: %(score)s of 5", { score: complaint.process }),
    complaint.result && complaint.result <= 2 && t("result: %(score)s of 5", { score: complaint.result }),
  ].filter(Boolean);
  return html`<li class="similar toned" data-tone="warn"><button class="bare link number" type="button" onClick=${() => select(complaint.number)}>${complaint.number}</button>
    <span>${icon("alert-triangle")} ${words.join(" · ")}</span><time class="muted number" datetime=${complaint.answered_at}>${formatDay(complaint.answered_at)}</time></li>`;
}

/** @param {{visit: any}} props */
function OnRound({ visit }) {
  return html`<li class="similar">${visit.found ? html`<button class="bare link number" type="button" onClick=${() => select(visit.found)}>${visit.found}</button>` : icon("route")}
    <span><b>${visit.state_name}</b> <span class="muted">${localName({ name: visit.crew, name_zh: visit.crew_zh })}</span>${visit.note && html`<span class="more muted">${visit.note}</span>`}</span>
    <time class="muted number" datetime=${visit.at}>${formatDay(visit.at)}</time></li>`;
}

/** @param {{ticket: any}} props */
export function Similar({ ticket }) {
  const found = useSignal(/** @type {any} */ (null));
  const fault = useSignal("");
  useEffect(() => {
    const wait = setTimeout(() => readSimilar(ticket.number).then((answer) => (found.value = answer), (refusal) => (fault.value = refusal.message)), CALM);
    return () => clearTimeout(wait);
  }, [ticket.number, ticket.place?.lat, ticket.place?.lon]);
  const { similar = [], complaints = [], rounds = [] } = found.value ?? {};
  return html`<section class="pane-part similar-part"><h3>${t("Near here and at this household, one year")}</h3>
    ${fault.value && html`<p class="toned" data-tone="danger">${fault.value}</p>`}
    ${!found.value && !fault.value && html`<div class="skeleton similar-skeleton" aria-hidden="true"></div>`}
    ${found.value && similar.length === 0 && html`<p class="muted">${t("No other ticket within 150 m or of this household.")}</p>`}
    ${similar.length > 0 && html`<ul class="similars">${similar.map((/** @type {any} */ each) => html`<${Ticket} key=${each.number} ticket=${each} />`)}</ul>`}
    ${complaints.length > 0 && html`<h4>${t("Complaints")}</h4><ul class="similars">${complaints.map((/** @type {any} */ each) => html`<${Complaint} key=${each.number + each.answered_at} complaint=${each} />`)}</ul>`}
    ${rounds.length > 0 && html`<h4>${t("Stewards' rounds")}</h4><ul class="similars">${rounds.map((/** @type {any} */ each) => html`<${OnRound} key=${each.at} visit=${each} />`)}</ul>`}
  </section>`;
}
