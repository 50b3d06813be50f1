/* What was sent about the ticket, to whom, by which way, and what became of it? */
import { html, useEffect, useSignal } from "/static/vendor/preact.js";
import { formatDateTime, formatDay, formatTime, n, t } from "/static/shared/i18n.js";
import { badge, icon } from "/static/shared/icon.js";
import { readMessages } from "./api.js";
import { can, now } from "./store.js";

/** @type {Record<string, [string, string]>} */
const LOOKS = {
  waiting: ["info", "clock"], sent: ["good", "check"], kept: ["hold", "player-pause"],
  dead: ["danger", "alert-octagon"], cancelled: ["neutral", "ban"],
};

/** The clock alone today, with the day on another. @param {string} iso */
const formatSoon = (iso) => (formatDay(iso) === formatDay(now.peek()) ? formatTime(iso) : formatDateTime(iso));

/** A person without an address of the channel is named by the account alone. @param {string | null} to */
const addressOf = (to) => (to && !to.startsWith("user/") ? to : null);

/** @param {{message: any}} props */
function Message({ message }) {
  const [tone, picture] = LOOKS[message.state] ?? ["neutral", "circle"];
  const to = addressOf(message.to);
  return html`<li class="sent-message"><div class="row"><b>${message.step_name}</b>${badge(message.state_name, tone, picture)}
      <time class="push muted small number" datetime=${message.sent_at ?? message.created_at} title=${formatDateTime(message.sent_at ?? message.created_at)}>${formatSoon(message.sent_at ?? message.created_at)}</time></div>
    <div class="small muted">${message.channel_name}${to && html` · <span class="mono">${to}</span>`} · ${n("%(count)s try", "%(count)s tries", message.tries)}
      ${message.next_try_at && ` · ${t("next try at %(time)s", { time: formatSoon(message.next_try_at) })}`}</div></li>`;
}

/** @param {{number: string, changedAt: string}} props */
function Messages({ number, changedAt }) {
  const found = useSignal(/** @type {any[] | null} */ (null));
  const fault = useSignal("");
  useEffect(() => {
    readMessages(number).then((messages) => { found.value = messages; fault.value = ""; }, (refusal) => (fault.value = refusal.message));
  }, [number, changedAt]);
  if (fault.value) return html`<p class="banner" data-tone="danger" role="alert">${icon("alert-triangle")}<span>${fault.value}</span></p>`;
  if (!found.value) return html`<div class="skeleton story-skeleton" aria-hidden="true"></div>`;
  if (!found.value.length) return html`<p class="muted">${t("Nothing was sent about this ticket: nobody left a number, and no promise was at risk.")}</p>`;
  return html`<ol class="sent-messages">${[...found.value].reverse().map((message) => html`<${Message} key=${message.id} message=${message} />`)}</ol>`;
}

/** The messages about a ticket, read when the panel is opened. @param {{ticket: any}} props */
export function Sent({ ticket }) {
  const isOpen = useSignal(false);
  if (!can("see_personal")) return null;
  return html`<details class="pane-part sent" open=${isOpen.value} onToggle=${(/** @type {any} */ event) => (isOpen.value = event.currentTarget.open)}>
    <summary><h3>${t("Messages sent")}</h3>${icon("chevron-down")}</summary>
    ${isOpen.value && html`<${Messages} number=${ticket.number} changedAt=${ticket.changed_at} />`}</details>`;
}
