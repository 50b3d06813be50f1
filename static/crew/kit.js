/* How does the list of things to load, see to and write down show a tap at once, and stay open? */
import { t } from "/static/shared/i18n.js";

/** Which parts of the kit a person has opened, by id. @type {Map<string, boolean>} */
const opened = new Map();

document.addEventListener(
  "toggle",
  (event) => {
    const part = event.target;
    if (part instanceof HTMLDetailsElement && part.matches(".kit-part[id]")) opened.set(part.id, part.open);
  },
  true,
);
document.addEventListener("crew-drawn", () => {
  for (const [id, isOpen] of opened) {
    const part = document.getElementById(id);
    if (part instanceof HTMLDetailsElement) part.open = isOpen;
  }
});

/** What a person chose and typed in a form, in the words of the page. @param {HTMLFormElement} form */
export function saidBy(form) {
  const said = [form.dataset.said ?? ""];
  for (const field of form.elements) {
    if (field instanceof HTMLSelectElement) said.push(field.value && (field.selectedOptions[0]?.text ?? ""));
    else if (field instanceof HTMLTextAreaElement) said.push(field.value);
    else if (!(field instanceof HTMLInputElement) || field.type === "hidden") continue;
    else if (!["radio", "checkbox"].includes(field.type)) said.push(field.value);
    else if (field.checked) said.push(field.labels?.[0]?.textContent ?? "");
  }
  return said.map((each) => each.trim()).filter(Boolean).join(" · ");
}

/** The number that somebody typed, with a comma or a point. @param {string} text */
const numberOf = (text) => (/^\d+([.,]\d+)?$/.test(text.normalize("NFKC").replaceAll(" ", "")) ? Number(text.normalize("NFKC").replaceAll(" ", "").replace(",", ".")) : NaN);

/** Say at once, where it is typed, what the server would refuse later. @param {Event} event */
function checkReading(event) {
  const form = event.target instanceof Element ? event.target.closest('form[data-fact="reading"]') : null;
  const value = form?.querySelector('input[name="value"]');
  if (!(form instanceof HTMLFormElement) || !(value instanceof HTMLInputElement)) return;
  const unit = /** @type {HTMLInputElement | HTMLSelectElement} */ (form.elements.namedItem("unit"));
  const most = Number((unit instanceof HTMLSelectElement ? unit.selectedOptions[0] : unit).dataset.most);
  const number = numberOf(value.value.trim());
  const isNone = value.value !== "" && Number.isNaN(number);
  const fault = isNone ? t("Type the reading as a number, such as 352 or 3.5.") : number > most ? t("It is at most %(most)s %(unit)s. Look at the number and its unit again.", { most, unit: unit.value }) : "";
  value.setCustomValidity(fault);
}
for (const kind of ["input", "change"]) document.addEventListener(kind, checkReading);

/** @param {HTMLFormElement} form @param {boolean} isTicked */
function showTick(form, isTicked) {
  const button = form.querySelector("button.tick");
  button?.setAttribute("aria-pressed", String(isTicked));
  const picture = button?.querySelector("use");
  picture?.setAttribute("href", (picture.getAttribute("href") ?? "").replace(/#.*$/, isTicked ? "#circle-check" : "#circle"));
  /** @type {HTMLInputElement} */ (form.elements.namedItem("done")).value = isTicked ? "no" : "yes";
}

/** @param {HTMLElement} part */
function countTicks(part) {
  const all = part.querySelectorAll("button.tick");
  const done = part.querySelectorAll('button.tick[aria-pressed="true"]').length;
  const number = part.querySelector("summary > .number");
  if (!number) return;
  number.textContent = t("%(done)s of %(all)s", { done, all: all.length });
  number.classList.toggle("done", done === all.length);
}

/** Show what was ticked on this phone and the server does not know yet. @param {ParentNode} ticket @param {import("./store.js").Command[]} waiting */
export function overKit(ticket, waiting) {
  for (const { kind, args } of waiting) {
    if (kind !== "tick") continue;
    const part = /** @type {HTMLElement | null} */ (ticket.querySelector(`#kit-tick-${CSS.escape(String(args.list))}`));
    const form = part?.querySelector(`input[name="item"][value="${CSS.escape(String(args.item))}"]`)?.closest("form");
    if (!part || !form) continue;
    showTick(form, args.done === "yes");
    countTicks(part);
  }
}
