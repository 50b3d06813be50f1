/* In which order do the rows of the cells stand? */
import { FIGURES } from "./map_scale.js";

/** @typedef {import("./map_scale.js").Row} Row */
/** @typedef {import("./map_scale.js").Cell} Cell */

/**
 * Make the heads of the table sort it; rows without a value stand last.
 * @param {HTMLTableElement} table @param {(key: string) => Cell | undefined} cellOf @param {(cell: Cell) => Row} rowOf
 */
export function letSort(table, cellOf, rowOf) {
  const heads = /** @type {HTMLElement[]} */ ([...table.querySelectorAll("[data-sort]")]);
  for (const head of heads) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "bare", textContent: head.textContent?.trim() });
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const first = head.dataset.sort === "name" ? "ascending" : "descending";
      const order = head.getAttribute("aria-sort") === first ? (first === "ascending" ? "descending" : "ascending") : first;
      for (const each of heads) each.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", order);
      sort(head.dataset.sort ?? "", order === "ascending" ? 1 : -1);
    });
  }

  /** @param {string} by @param {number} sign */
  function sort(by, sign) {
    const lines = /** @type {HTMLElement[]} */ ([...table.querySelectorAll("tr[data-cell]")]);
    const known = lines.map((line) => ({ line, value: valueOf(line, by) }));
    known.sort((one, other) => {
      if (one.value === null || other.value === null) return Number(one.value === null) - Number(other.value === null);
      if (typeof one.value === "string") return sign * one.value.localeCompare(String(other.value));
      return sign * (one.value - Number(other.value));
    });
    table.tBodies[0].append(...known.map(({ line }) => line));
  }

  /** @param {HTMLElement} line @param {string} by */
  function valueOf(line, by) {
    if (by === "name") return line.querySelector("th")?.textContent?.trim() ?? "";
    const cell = cellOf(line.dataset.cell ?? "");
    return cell ? FIGURES[by].value(rowOf(cell), cell) : null;
  }
}
