/* What does the foot of the board say: how the crew pointed at would fit, or what may be done with the chosen ticket? */
import { computed, effect, html, useEffect, useLayoutEffect, useRef } from "/static/vendor/preact.js";
import { formatTime, localName, t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";
import { dayName, isLive, isPast } from "./board_days.js";
import { board, carried, carry, cursor, drop, isPaneOpen, mayCarry, rowOf, rows } from "./board_store.js";
import { send, tellChip } from "./board_drag.js";
import { fitOf } from "./board_fit.js";
import { Countdown, LevelChip } from "./queue.js";
import { begin, stepsFor } from "./steps.js";
import { chosen, now, selected, tickets } from "./store.js";

/** How each crew would fit what is carried, worked out when it is looked at; anew each quarter of a minute. */
const quarter = computed(() => Math.floor(now.value / 15_000) * 15_000);
export const fits = computed(() => {
  const held = carried.value;
  const ticket = held && tickets.value.get(held.number);
  if (!held?.offers || !ticket) return null;
  const found = new Map();
  const [byId, work, at] = [new Map(rows.value.map((/** @type {any} */ row) => [row.id, row])), board.value?.work[ticket.category] ?? 2700, quarter.value];
  /** @param {number} id @returns {import("./board_fit.js").Fit | undefined} */
  const get = (id) => {
    const [offer, row] = [held.offers.get(id), byId.get(id)];
    if (offer && row && !found.has(id)) found.set(id, fitOf({ offer, loss: offer.excluded_by ? null : held.losses.get(id), row, ticket, work, at }));
    return found.get(id);
  };
  return { get };
});

/** What is heard when the keys reach a crew. */
const heard = computed(() => {
  const row = rowOf(cursor.value);
  if (!row) return "";
  const fit = fits.value?.get(row.id);
  if (!fit) return carried.value ? "" : [localName(row), row.on_duty ? "" : t("off duty")].filter(Boolean).join(": ");
  return `${localName(row)}: ${fit.lines.map((/** @type {any} */ each) => each.words).join(" ") || fit.short}`;
});

effect(() => {
  const fit = cursor.value === null ? null : fits.value?.get(cursor.value);
  const row = rowOf(cursor.value);
  tellChip(!carried.value?.offers ? "…" : fit && row ? `${localName(row)} · ${fit.short}` : "", fit?.tone ?? "neutral");
});

/** @param {{crew: any}} props */
function Override({ crew }) {
  const why = useRef(/** @type {HTMLInputElement | null} */ (null));
  useLayoutEffect(() => why.current?.focus(), [crew.id]);
  const submit = (/** @type {any} */ event) => {
    event.preventDefault();
    const reason = why.current?.value.trim();
    if (reason) send(crew.id, reason);
  };
  return html`<form class="board-why" onSubmit=${submit}><label for="board-why">${t("Why %(crew)s and not the best choice?", { crew: localName(crew) })}</label>
    <input id="board-why" ref=${why} required maxlength="300" autocomplete="off" /><button class="primary">${t("Send anyway")}</button><button type="button" onClick=${drop}>${t("Back")}</button></form>`;
}

/** @param {{held: any}} props */
function Carried({ held }) {
  const ticket = tickets.value.get(held.number);
  const row = rowOf(cursor.value);
  const fit = row && fits.value?.get(row.id);
  if (!ticket) return null;
  return html`<div class="board-foot-line"><${LevelChip} level=${ticket.level} /><b class="number">${ticket.number}</b><span class="truncate">${ticket.category_name}${ticket.address && html`<span class="muted"> · ${ticket.address}</span>`}</span>
      ${ticket.arrive_due_at && html`<span class="muted nowrap small">${icon("flag")}${t("promised by %(time)s", { time: formatTime(ticket.arrive_due_at) })}</span>`}
      <span class="push"></span>${row && fit && !held.asks && held.by === "keys" && ticket.crew?.id !== row.id && html`<button type="button" class="primary" onClick=${() => send(row.id)}>${icon("send")}${t("Send %(crew)s", { crew: localName(row) })}<kbd class="on-accent wide" aria-hidden="true">↵</kbd></button>`}
      ${!held.asks && held.by === "keys" && html`<button type="button" onClick=${drop}>${t("Put back")}<kbd class="wide" aria-hidden="true">Esc</kbd></button>`}</div>
    ${!held.offers ? html`<p class="muted small">${t("The crews are being weighed…")}</p>`
    : !row || !fit ? html`<p class="muted small">${t("Point at a crew to see how it fits.")}</p>`
    : html`<ul class="fit-lines"><li><b>${localName(row)}</b></li>${fit.lines.map((/** @type {any} */ each) => html`<li class="toned" data-tone=${each.tone}>${icon(each.icon)}<span>${each.words}</span></li>`)}</ul>`}
    ${held.asks && row && html`<${Override} crew=${row} />`}`;
}

/** @param {{ticket: any}} props */
function Chosen({ ticket }) {
  const pin = stepsFor(ticket).find((step) => step.key === "pin" || step.key === "unpin");
  return html`<div class="board-foot-line"><${LevelChip} level=${ticket.level} /><b class="number">${ticket.number}</b><span class="truncate">${ticket.category_name}${ticket.address && html`<span class="muted"> · ${ticket.address}</span>`}</span><${Countdown} ticket=${ticket} />
    <span class="push"></span>${mayCarry(ticket) && html`<button type="button" class="primary" onClick=${() => { carry(ticket.number, "keys"); document.getElementById("board-grid")?.focus(); }}>${icon("send")}${ticket.crew ? t("Move to another crew") : t("Choose a crew")}<kbd class="on-accent wide" aria-hidden="true">b</kbd></button>`}
    ${pin && html`<button type="button" onClick=${() => begin(ticket, pin.key)}>${icon(pin.icon)}${pin.key === "pin" ? t("Pin") : t("Unpin")}<kbd class="wide" aria-hidden="true">i</kbd></button>`}
    <button type="button" aria-pressed=${isPaneOpen.value} onClick=${() => (isPaneOpen.value = !isPaneOpen.value)}>${icon("file-text")}${t("Ticket")}<kbd class="wide" aria-hidden="true">↵</kbd></button></div>`;
}

/** The foot of the board, and what is read aloud of it. */
export function Foot() {
  const held = carried.value;
  const ticket = selected.value ? (tickets.value.get(selected.value) ?? chosen.value) : null;
  useEffect(() => drop, []);
  return html`<p class="visually-hidden" role="status">${heard.value}</p>
    ${!isLive.value && html`<p class="board-other-day small" role="note">${icon("history")}${isPast.value ? t("What happened on %(day)s. Nothing of it can be moved.", { day: dayName.value }) : t("What is known of %(day)s. A crew is sent on the day itself.", { day: dayName.value })}</p>`}
    <div class="board-fit" data-carried=${Boolean(held)} data-steady=${held?.by === "pointer" && !held.asks}>${held ? html`<${Carried} held=${held} />` : ticket ? html`<${Chosen} ticket=${ticket} />` : html`<p class="muted small">${t("Choose a ticket in the list or on the board, or drag one to a crew.")}</p>`}</div>`;
}
