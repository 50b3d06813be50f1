/* How does the board turn to another day? */
import { html } from "/static/vendor/preact.js";
import { t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";
import { dayName, isLive, turnDay } from "./board_days.js";

/** Day before, today, day after. @param {{toNow: () => void}} props */
export function Days({ toNow }) {
  const today = () => {
    if (isLive.value) toNow();
    else turnDay(0);
  };
  return html`<div class="board-days" role="group" aria-label=${t("Day of the board")}>
    <button type="button" class="quiet icon-only" onClick=${() => turnDay(-1)}>${icon("chevron-left", t("Day before"))}</button>
    <span class="number nowrap">${dayName.value}</span>
    <button type="button" class="quiet icon-only" onClick=${() => turnDay(1)}>${icon("chevron-right", t("Day after"))}</button>
    <button type="button" onClick=${today}>${icon("current-location")}${t("Now")}</button></div>`;
}
