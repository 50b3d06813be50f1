/* Whom does a message to many reach, by which channel and in which language, and what does it say? */
import { html } from "/static/vendor/preact.js";
import { postJson } from "/static/shared/http.js";
import { formatTime, n, t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";
import { newKey } from "./api.js";

/** @typedef {Record<string, any>} Row */

export const LONGEST = 500;
/** The languages in which reporters are written to. @type {Record<string, () => string>} */
export const TEXT_LABELS = { "zh-CN": () => t("Message in Chinese"), en: () => t("Message in English") };
const LANGUAGES = /** @type {Record<string, string>} */ ({ "zh-CN": "中文", en: "English" });

/** What is sent of two texts, under a key by which nobody gets it twice. @param {Record<string, string>} typed */
export const messageOf = (typed) => ({
  texts: Object.fromEntries(Object.entries(typed).filter(([, text]) => text)),
  message_key: newKey(),
});

/** Who would get it; nothing is sent. @param {{texts: Record<string, string>}} message @param {string[]} numbers */
export const foresee = ({ texts }, numbers) => postJson("/api/v1/tickets/recipients", { numbers, texts });

/** Who gets it, how, and in which words. @param {{found: any}} props */
export const Recipients = ({ found }) => html`<section class="recipients stack tight" aria-label=${t("Who gets it")}>
  <p><b>${n("%(count)s person gets it", "%(count)s people get it", found.people)}</b>${found.unwanted > 0 && html` · <span class="muted">${n("%(count)s wants no messages", "%(count)s want no messages", found.unwanted)}</span>`}</p>
  ${!found.is_set_up && html`<p class="toned small" data-tone="warn">${icon("alert-triangle")} ${t("Text messages are not sent from here: they are kept and can be read on the ticket.")}</p>`}
  ${found.waiting > 0 && html`<p class="toned small" data-tone="hold">${icon("clock-pause")} ${n("%(count)s gets it at %(time)s, after the quiet hours", "%(count)s get it at %(time)s, after the quiet hours", found.waiting, { time: formatTime(found.quiet_until) })}</p>`}
  ${found.groups.map((/** @type {any} */ group) => html`<div key=${group.language} class="recipient-group"><span class="row"><b class="number">${group.count}</b> ${group.channel_name} · <span lang=${group.language}>${LANGUAGES[group.language]}</span>
      <span class="push muted small">${n("%(count)s text message each", "%(count)s text messages each", group.parts)}</span></span>
    <q class="small" lang=${group.language}>${group.text}</q></div>`)}
  ${found.people > 0 && html`<p class="muted small">${t("It goes out half a minute after sending; until then, and as long as it waits for the morning, it can be taken back.")}</p>`}</section>`;
