/* Which key does what on the desk? */
import { html } from "/static/vendor/preact.js";
import { t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";
import { can, chosen, dialog, dismiss, pointing, query, say, selected, showChip, tab, toasts } from "./store.js";
import { setSingleKeys, singleKeys } from "./single_keys.js";
import { messageReporters, pickChosen } from "./bulk.js";
import { boardKeys } from "./board_drag.js";
import { FILTERS } from "./promises.js";
import { begin, stepsFor } from "./steps.js";
import { openMenu } from "./drop.js";
import { move } from "./queue.js";

const SHEET = () => [
  [t("Everywhere"), [["Ctrl K", t("Search everything")], ["?", t("This sheet")], ["/", t("Search the list")], ["n", t("Take a call")], ["u", t("Undo the last step")], ["Esc", t("Back")]]],
  [t("In the queue"), [["j", t("Next ticket")], ["k", t("Ticket before")], ["↵", t("Open the ticket")], ["1 … 7", t("Show what a chip holds; 2: overdue")], ["f", t("Filter")], ["v", t("Views")], ["x", t("Pick for many at once; Shift picks a range")], ["t", t("Write to the reporters of what is picked")], ["g", t("Queue, map, board or ticket in turn")]]],
  [t("On the ticket"), [["a", t("Send a crew")], ["c", t("Call back")], ["p", t("Place on the map")], ["h", t("Hold, or release")], ["l", t("Change the level")], ["d", t("Mend the details")], ["m", t("Merge, or separate")], ["o", t("Add a note")], ["i", t("Pin, or unpin")], ["e", t("Close the ticket")], ["P", t("Print the work order")]]],
  [t("On the board"), boardKeys()],
  [t("While taking a call"), [["Ctrl ↵", t("Save the ticket")], ["↑ ↓ ↵ Esc", t("Place: choose, take, leave the list")], ["Alt O", t("Open the caller's newest ticket")], ["Alt A", t("Attach to the caller's open ticket")], ["Alt U", t("Keep the call as unfinished")], ["Alt R", t("Go on with the newest unfinished call")], ["Alt 1–5", t("Attach to a suggested ticket")], ["1 2 3 0", t("Answer a question; 0 for not known")], ["Alt M", t("Send the card to the caller, or not")], ["Alt 0", t("The caller was told")], ["Alt 9", t("Not the case")], ["Ctrl ⇧ ↵", t("Solved by phone")]]],
];

/** @param {{close: () => void}} props */
export function KeySheet({ close }) {
  return html`<header><h2>${t("Keys")}</h2><button class="quiet icon-only" type="button" onClick=${close}>${icon("x", t("Close"))}</button></header>
    <div class="body key-sheet"><label class="choice key-switch"><input type="checkbox" checked=${singleKeys.value} onChange=${(/** @type {any} */ event) => setSingleKeys(event.target.checked)} />${t("Single letters do what this sheet says; Ctrl K, Esc and the arrows always do")}</label>${SHEET().map(([title, keys]) => html`<section><h3>${title}</h3><dl>${/** @type {string[][]} */ (keys).map(([key, words]) => html`<div><dt>${key.split(" ").map((part) => html`<kbd>${part}</kbd> `)}</dt><dd>${words}</dd></div>`)}</dl></section>`)}</div>`;
}

const typing = (/** @type {EventTarget | null} */ target) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && !["radio", "checkbox"].includes(/** @type {HTMLInputElement} */ (target).type));

/** @param {number} step */
function turn(step) {
  const tabs = ["queue", "map", "board", "ticket"];
  tab.value = tabs[(tabs.indexOf(tab.value) + step + tabs.length) % tabs.length];
}

/** Take back the newest step that can be, be it of one ticket or of many. */
function undoLast() {
  const last = toasts.value.findLast((toast) => toast.undo);
  if (!last) return void say(t("Nothing is left to undo here; a step can be taken back for half a minute."));
  dismiss(last.key);
  last.undo();
}

/** @type {Record<string, () => void>} */
const COMMANDS = {
  "j": () => move(1),
  "k": () => move(-1),
  "f": () => openMenu("filter"),
  "v": () => openMenu("views"),
  "g": () => turn(1),
  "x": () => pickChosen(false),
  "X": () => pickChosen(true),
  "?": () => (dialog.value = { kind: "keys" }),
  "/": () => document.getElementById("desk-search")?.focus(),
  "t": () => messageReporters(),
  "n": () => document.getElementById("take-call")?.click(),
  "u": undoLast,
  ...Object.fromEntries(FILTERS.map(({ key }, at) => [String(at + 1), () => showChip(key)])),
  "Enter": () => {
    if (!selected.value) return;
    tab.value = "ticket";
    /** @type {HTMLElement | null} */ (document.querySelector(".ticket-title"))?.focus();
  },
};

/** @param {KeyboardEvent} event */
function pressed(event) {
  if (event.key === "Escape" && pointing.value) {
    pointing.value.cancel?.();
    pointing.value = null;
    return;
  }
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    dialog.value = dialog.value?.kind === "palette" ? null : (dialog.value ?? { kind: "palette" });
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  /** @type {HTMLElement | null} */
  const ownUndo = event.key === "u" && singleKeys.value && !typing(event.target) ? document.querySelector(".dialog [data-undo]") : null;
  if (ownUndo) return void ownUndo.click();
  if (dialog.value) return;
  if (typing(event.target)) {
    if (event.key === "Escape" && event.target instanceof HTMLElement && event.target.id === "desk-search") {
      query.value = "";
      event.target.blur();
    }
    return;
  }
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (target?.closest("dialog") || (event.key === "Enter" && target?.closest("button, a, summary"))) return;
  const inList = target?.id === "queue" && { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
  const step = chosen.value && stepsFor(chosen.value).find((each) => each.hint === event.key);
  const command = inList ? () => move(inList) : (COMMANDS[event.key] ?? (step && (() => begin(/** @type {any} */ (chosen.value), step.key))));
  const isFree = inList || event.key === "Enter";
  if (!command || !(singleKeys.value || isFree)) return;
  event.preventDefault();
  command();
}

/** Listen to the keyboard. */
export function listen() {
  document.addEventListener("keydown", pressed);
  if (!can("take_call")) delete COMMANDS.n;
  if (!can("dispatch")) delete COMMANDS.t;
}
