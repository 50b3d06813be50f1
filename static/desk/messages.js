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
/** Walking through the list by key asks for none of them. */
const CALM = 350;

/** The clock alone today, with the day on another. @param {string} iso */
const formatSoon = (iso) => (formatDay(iso) === formatDay(now.peek()) ? formatTime(iso) : formatDateTime(iso));

/** A person without an address of the channel is named by the account alone. @param {string | null} to */
const addressOf = (to) => (to && !to.startsWith("user/") ? to : null);

/** When a message stands in the story. @param {any} message */
export const sentAt = (message) => message.sent_at ?? message.created_at;

/**
 * The messages about a ticket, as the story takes them in; none for who may not see them.
 * @param {any} ticket @returns {{messages: any[], fault: string}}
 */
export function useMessages(ticket) {
  const found = useSignal(/** @type {any[]} */ ([]));
  const fault = useSignal("");
  useEffect(() => {
    if (!can("see_personal")) return undefined;
    const wait = setTimeout(() => readMessages(ticket.number).then((messages) => { found.value = messages; fault.value = ""; }, (refusal) => (fault.value = refusal.message)), CALM);
    return () => clearTimeout(wait);
  }, [ticket.number, ticket.changed_at]);
  return { messages: found.value, fault: fault.value };
}

/** One message in the story. @param {{message: any}} props */
export function Message({ message }) {
  const [tone, picture] = LOOKS[message.state] ?? ["neutral", "circle"];
  const to = addressOf(message.to);
  return html`<li class="sent-message" data-tone=${tone}>${icon("message")}
    <span>${t("Message: %(step)s", { step: message.step_name })} ${badge(message.state_name, tone, picture)}</span>
    <time datetime=${sentAt(message)} title=${formatDateTime(sentAt(message))}>${formatTime(sentAt(message))}</time>
    <span class="more">${message.channel_name}${to && html` · <span class="mono">${to}</span>`} · ${n("%(count)s try", "%(count)s tries", message.tries)}
      ${message.next_try_at && ` · ${t("next try at %(time)s", { time: formatSoon(message.next_try_at) })}`}</span></li>`;
}
