/* How are the results of many tickets worded, copied, and kept as a file? */
import { localName, t } from "/static/shared/i18n.js";
import { say } from "./store.js";

/** @typedef {Record<string, any>} Row */

/** Tone, icon and words of what became of a ticket. @type {Record<string, (isPreview?: boolean) => [string, string, string]>} */
export const OUTCOMES = {
  done: (isPreview) => ["good", "check", isPreview ? t("can be done") : t("done")],
  refused: () => ["danger", "circle-x", t("refused")],
  stale: () => ["warn", "alert-triangle", t("changed meanwhile")],
  not_found: () => ["danger", "help-circle", t("not found")],
  repeated: () => ["neutral", "copy", t("named twice")],
  unsent: () => ["neutral", "player-pause", t("not sent")],
};

/** A cell that a spreadsheet takes for text. @param {unknown} value */
const safe = (value) => {
  const text = String(value ?? "");
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
};

/** @param {Row} row */
const cellsOf = (row) => [row.number, row.category_name, row.address, OUTCOMES[row.outcome]()[2], localName(row.crew), row.state_name, row.message].map(safe);
const headings = () => [t("Ticket"), t("What"), t("Place"), t("Result"), t("Crew"), t("State"), t("Reason")];

/** The rows as CSV, ready for a spreadsheet. @param {Row[]} rows */
export const asCsv = (rows) =>
  `\ufeff${[headings(), ...rows.map(cellsOf)].map((cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(",")).join("\r\n")}\r\n`;

/** Put the rows onto the clipboard, with tabs between. @param {Row[]} rows */
export async function copyRows(rows) {
  const text = [headings(), ...rows.map(cellsOf)].map((cells) => cells.map((cell) => cell.replace(/[\t\r\n]+/g, " ")).join("\t")).join("\n");
  try {
    await navigator.clipboard.writeText(text);
    say(t("Copied."));
  } catch {
    say(t("The browser does not let us copy. Save the CSV instead."), { tone: "warn" });
  }
}

/** Save the rows as a file. @param {Row[]} rows */
export function saveRows(rows) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([asCsv(rows)], { type: "text/csv;charset=utf-8" }));
  link.download = "onevisit-many.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
