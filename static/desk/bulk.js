/* Which tickets are picked for one step together, and how are they picked? */
import { computed, html, signal } from "/static/vendor/preact.js";
import { n, t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";
import { can, dialog, queue, selected } from "./store.js";

/** The numbers that are picked, in the order in which they were. */
export const picked = signal(/** @type {Set<string>} */ (new Set()));
/** The row from which a range begins. @type {string | null} */
let anchor = null;

/** Every step for many; `fields` are asked, `waits` needs nothing but the tickets. */
export const BULK_STEPS = [
  { key: "dispatch", icon: "send", permission: "dispatch", fields: [], name: () => t("Send crews"), short: () => t("Send") },
  { key: "redispatch", icon: "rotate", permission: "dispatch", fields: [], name: () => t("Send other crews"), short: () => t("Send others") },
  { key: "merge", icon: "git-merge", permission: "take_call", fields: ["into"], name: () => t("Attach to one ticket"), short: () => t("Attach") },
  { key: "note", icon: "message", permission: "write_note", fields: ["note"], name: () => t("Add a note"), short: () => t("Note") },
  { key: "message", icon: "send", permission: "dispatch", fields: ["zh-CN", "en"], name: () => t("Write to the reporters"), short: () => t("Write") },
  { key: "close", icon: "checks", permission: "close_ticket", fields: ["reason"], name: () => t("Close the tickets"), short: () => t("Close them") },
  { key: "cancel", icon: "ban", permission: "close_ticket", fields: ["reason"], tone: "danger", name: () => t("Cancel the tickets"), short: () => t("Cancel them") },
];

const mine = computed(() => BULK_STEPS.filter((step) => can(step.permission)));

/** @param {Iterable<string>} numbers */
export const pick = (numbers) => (picked.value = new Set(numbers));

/** Pick a ticket, or take it off; with `isRange` everything from the last one to it. @param {string} number @param {boolean} [isRange] */
export function turnPick(number, isRange = false) {
  const shown = queue.value.map((ticket) => ticket.number);
  const next = new Set(picked.value);
  const [from, to] = [anchor === null ? -1 : shown.indexOf(anchor), shown.indexOf(number)];
  if (isRange && from >= 0 && to >= 0) {
    for (const each of shown.slice(Math.min(from, to), Math.max(from, to) + 1)) next.add(each);
  } else if (!next.delete(number)) next.add(number);
  anchor = number;
  picked.value = next;
}

/** The same for the chosen ticket, by key. @param {boolean} isRange */
export const pickChosen = (isRange) => selected.value && turnPick(selected.value, isRange);

/** Begin a message to the reporters of what is picked, else of the chosen ticket. */
export function messageReporters() {
  if (!picked.value.size && selected.value) pick([selected.value]);
  if (picked.value.size) dialog.value = { kind: "bulk", step: "message" };
}

/** Pick all that the filter lets through, or none where all are picked. */
function turnAll() {
  const shown = queue.value.map((ticket) => ticket.number);
  pick(shown.every((number) => picked.value.has(number)) ? [] : shown);
}

/** The mark of a row. It is no control of its own: an option of a list holds none. @param {{number: string}} props */
export const PickMark = ({ number }) => html`<span class="pick" aria-hidden="true" title=${t("Pick (x), a range with Shift")}
  onClick=${(/** @type {MouseEvent} */ event) => { event.stopPropagation(); event.preventDefault(); turnPick(number, event.shiftKey); }}>${picked.value.has(number) && icon("check")}</span>`;

/** The numbers in a text, by commas, blanks or lines, and what is none. @param {string} text */
export function numbersIn(text) {
  /** @type {Set<string>} */
  const numbers = new Set();
  /** @type {string[]} */
  const others = [];
  for (const word of text.split(/[\s,;，；、]+/).filter(Boolean)) {
    const digits = /^W?(\d{1,18})$/i.exec(word)?.[1];
    if (digits && Number(digits)) numbers.add(`W${digits.replace(/^0+/, "").padStart(6, "0")}`);
    else others.push(word);
  }
  return { numbers: [...numbers], others };
}

/** Above the list: what is picked, and what may be done with it. */
export function PickBar() {
  const count = picked.value.size;
  if (!mine.value.length) return null;
  const shown = queue.value;
  const isAll = shown.length > 0 && shown.every((ticket) => picked.value.has(ticket.number));
  return html`<div class="pick-bar" data-active=${count > 0} role="toolbar" aria-label=${t("Many at once")}>
    <label class="choice"><input type="checkbox" checked=${isAll} indeterminate=${count > 0 && !isAll} disabled=${!shown.length} onChange=${turnAll} />
      <span>${count ? n("%(count)s picked", "%(count)s picked", count) : t("Pick all shown")}</span></label>
    ${count > 0 && html`<button type="button" class="quiet icon-only" onClick=${() => pick([])}>${icon("x", t("Pick none"))}</button><span class="pick-break"></span>`}
    ${count === 0 && html`<button type="button" class="quiet" onClick=${() => (dialog.value = { kind: "bulk-paste" })}>${icon("copy")}${t("Paste numbers")}</button>`}
    ${count > 0 && html`${mine.value.map((step) => html`<button key=${step.key} type="button" class=${step.tone ?? ""} title=${step.name()} onClick=${() => (dialog.value = { kind: "bulk", step: step.key })}>${icon(step.icon)}${step.short()}</button>`)}`}
  </div>`;
}
