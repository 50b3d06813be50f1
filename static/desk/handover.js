/* Does a handover wait to be read and signed, and how is that seen on the desk? */
import { html, signal, useEffect } from "/static/vendor/preact.js";
import { getJson } from "/static/shared/http.js";
import { formatDateTime, t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";
import { can } from "./store.js";

const EVERY = 60_000;
const waiting = signal(/** @type {{id: number, at: string, author: string, mine: boolean} | null} */ (null));

/** Without an answer what was seen last stays. */
const look = () => getJson("/api/v1/handovers/waiting").then(({ body }) => (waiting.value = body.handover), () => undefined);

/** A reminder above the desk until the next dispatcher has signed; the writer sees that it waits. */
export function HandoverBanner() {
  useEffect(() => {
    look();
    const timer = setInterval(look, EVERY);
    return () => clearInterval(timer);
  }, []);
  if (!waiting.value || !can("dispatch")) return null;
  const { id, at, author, mine } = waiting.value;
  const words = mine ? t("Your handover of %(time)s waits for a signature.", { time: formatDateTime(at) }) : t("%(author)s handed the desk over at %(time)s. Read it and sign.", { author, time: formatDateTime(at) });
  return html`<div class="banner" data-tone=${mine ? "info" : "warn"} role="status">${icon("user-check")}<span>${words}</span><a class="button push" href=${`/desk/handover/${id}`}>${t("Read it")}</a></div>`;
}
