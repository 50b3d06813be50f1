/* How is a household marked as one that needs water or help first, and the mark taken back? */
import { html, useSignal } from "/static/vendor/preact.js";
import { t } from "/static/shared/i18n.js";
import { badge, icon } from "/static/shared/icon.js";
import { postJson } from "/static/shared/http.js";

/** @param {string} account @param {boolean} vulnerable */
export const markFirst = (account, vulnerable) => postJson("/api/v1/households/vulnerable", { account, vulnerable });

/**
 * The mark of a household with its button; pressed again it is taken back. Why is never asked.
 * @param {{household: any, may?: boolean, onMark?: (isFirst: boolean) => void}} props
 */
export function FirstMark({ household, may = true, onMark }) {
  const [said, busy, fault] = [useSignal(/** @type {{account: string, was: boolean, is: boolean} | null} */ (null)), useSignal(false), useSignal("")];
  const told = said.value;
  // What somebody else says later counts more than what was pressed here.
  const isFirst = told?.account === household.account && told.was === household.vulnerable ? told.is : Boolean(household.vulnerable);
  const mark = async () => {
    busy.value = true;
    fault.value = "";
    try {
      await markFirst(household.account, !isFirst);
      said.value = { account: household.account, was: household.vulnerable, is: !isFirst };
      onMark?.(!isFirst);
    } catch (refusal) {
      fault.value = /** @type {Error} */ (refusal).message;
    }
    busy.value = false;
  };
  if (!isFirst && !may) return null;
  return html`<div class="row small">${isFirst && badge(t("household first"), "warn", "star")}
    ${may && html`<button type="button" class="quiet small" disabled=${busy.value} title=${t("Needs water or help first, in storm mode and for the planner. Why is not kept.")} onClick=${mark}>${icon(isFirst ? "arrow-back-up" : "star")}${isFirst ? t("Take the mark back") : t("Needs water first")}</button>`}
    ${fault.value && html`<span class="toned" data-tone="danger" role="alert">${fault.value}</span>`}</div>`;
}
