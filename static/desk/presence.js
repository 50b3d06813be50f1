/* Who else looks at a ticket just now? */
import { html } from "/static/vendor/preact.js";
import { language, t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";
import { viewers } from "./store.js";

const list = new Intl.ListFormat(language, { type: "conjunction" });

/** @param {string[]} names */
const words = (names) => t("Being viewed by %(names)s", { names: list.format(names) });

/** The colleagues who have the ticket open, by name. @param {{number: string}} props */
export function Viewers({ number }) {
  const names = viewers.value[number];
  return html`<p class="viewers small" role="status">${names && html`<span class="toned" data-tone="info">${icon("eye")}${words(names)}</span>`}</p>`;
}

/** An eye for the list, with the names behind it. @param {{number: string}} props */
export function ViewedMark({ number }) {
  const names = viewers.value[number];
  return names ? html`<span class="toned nowrap viewed" data-tone="info" title=${words(names)}>${icon("eye", words(names))}</span>` : null;
}
