/* How does a round show what was tapped on this phone and the server does not know yet? */
import { formatTime, t } from "/static/shared/i18n.js";
import { OUTCOME_TONES, element, line, standing } from "./overlay.js";
import { commands } from "./store.js";
import { stepOf } from "./tap.js";

/** @typedef {import("./store.js").Command} Command */

/** What a stop stands at, by the name of its picture. @type {Record<string, string>} */
const PICTURES = { done: "circle-check", nobody_home: "home", fault_found: "alert-triangle", waiting: "circle" };

/** Say of one stop what waits on this phone. @param {HTMLElement} row @param {Command[]} own */
function sayQueued(row, own) {
  const last = own.findLast((each) => !each.outcome);
  const told = /** @type {HTMLElement} */ (row.querySelector("[data-told]"));
  const queued = /** @type {HTMLElement} */ (row.querySelector("[data-queued]"));
  told.hidden = Boolean(last);
  queued.hidden = own.length === 0;
  if (own.length === 0) return;
  const mark = element("span", standing(last ?? own[0]), "badge");
  mark.dataset.tone = OUTCOME_TONES[(last ?? own[0]).outcome ?? ""] ?? "info";
  const words = last ? `${stepOf(last.kind)?.textContent?.trim() ?? ""} · ${formatTime(last.at)} ` : "";
  const note = String(last?.args.note ?? last?.args.description ?? "");
  queued.replaceChildren(words, mark, ...(note ? [element("p", note)] : []));
}

/** Show one stop in the list as its crew left it. @param {HTMLElement} row @param {Command[]} own */
function overStop(row, own) {
  const last = own.findLast((each) => !each.outcome);
  if (last) row.dataset.sent = stepOf(last.kind)?.dataset.state ?? "";
  else if (own.length) delete row.dataset.sent;
  // What the server has taken stays as it was tapped until the page is drawn anew.
  const state = row.dataset.sent ?? row.dataset.state ?? "";
  row.dataset.now = state;
  if (own.length || !row.dataset.sent) sayQueued(row, own);
  else row.querySelector("[data-queued] .badge")?.remove();
  const picture = row.querySelector("use");
  picture?.setAttribute("href", (picture.getAttribute("href") ?? "").replace(/#.*$/, `#${PICTURES[state] ?? "circle"}`));
  const undo = /** @type {HTMLElement | null} */ (row.querySelector("form.undo"));
  if (undo) undo.hidden = !["done", "nobody_home"].includes(state);
}

/** Show the stop to take next, or that none is left. @param {ParentNode} page @param {string} key */
function showAhead(page, key) {
  const place = /** @type {HTMLElement} */ (page.querySelector("#ahead"));
  if (place.dataset.stop === key) return;
  const known = /** @type {HTMLTemplateElement} */ (page.querySelector("#stops")).content.querySelector(`[data-stop="${key}"]`);
  const next = /** @type {HTMLElement} */ (page.querySelector(".next-step"));
  place.dataset.stop = key;
  place.replaceChildren(...[...(known?.querySelector(".stop")?.children ?? [])].map((each) => each.cloneNode(true)));
  const button = [...(known?.querySelector(".stop-end")?.children ?? [])].map((each) => each.cloneNode(true));
  next.replaceChildren(...button);
  next.hidden = button.length === 0;
  document.dispatchEvent(new Event("crew-next"));
}

/** What waits that stands at no stop, and what was answered and not done. @param {HTMLElement} round @param {Command[]} own */
function showQueued(round, own) {
  round.querySelector("#queued")?.remove();
  const listed = own.filter((each) => each.outcome || !each.args.stop);
  if (listed.length === 0) return;
  const part = element("section", "", "card stack tight");
  part.id = "queued";
  const list = element("ul", "", "past");
  list.append(...listed.map(line));
  const link = /** @type {HTMLAnchorElement} */ (element("a", t("All that is not sent"), "button"));
  link.href = "/crew/unsent";
  part.append(element("h2", t("On this phone")), list, link);
  round.querySelector(".day-head")?.after(part);
}

/** Leave the stop under the thumb where it is when the same one comes next. @param {Element} shown @param {Element} found */
export function keepAhead(shown, found) {
  const [here, there] = [shown, found].map((part) => /** @type {HTMLElement | null} */ (part.querySelector("#ahead")));
  if (here && there && here.dataset.stop === there.dataset.stop) there.replaceWith(here);
}

/** Show a round as its crew left it. @param {ParentNode} page @param {Command[]} all */
export function overRound(page, all) {
  const round = /** @type {HTMLElement | null} */ (page.querySelector("#round"));
  if (!round) return;
  const own = all.filter((each) => each.kind.startsWith("round-"));
  showQueued(round, own);
  const rows = /** @type {HTMLElement[]} */ ([...round.querySelectorAll(".round-list > li")]);
  if (rows.length === 0) return;
  for (const row of rows) overStop(row, own.filter((each) => String(each.args.stop) === row.dataset.stop));
  const left = rows.filter((row) => row.dataset.now === "waiting");
  // The address names a stop that was chosen before its turn; it is kept when the page is loaded anew.
  const chosen = new URLSearchParams(location.search).get("stop");
  const ahead = left.find((row) => row.dataset.stop === chosen) ?? left[0];
  for (const row of rows) {
    row.toggleAttribute("aria-current", false);
    const first = /** @type {HTMLElement | null} */ (row.querySelector("[data-first]"));
    if (first) first.hidden = row === ahead || !left.includes(row);
  }
  ahead?.setAttribute("aria-current", "step");
  const count = round.querySelector("[data-left]");
  if (count) count.textContent = t("%(left)s of %(all)s stops left", { left: left.length, all: rows.length });
  showAhead(page, ahead?.dataset.stop ?? "none");
}

/** Put a stop that was tapped in front, also without a connection. @param {MouseEvent} event */
async function takeFirst(event) {
  const link = /** @type {HTMLAnchorElement | null | undefined} */ (/** @type {Element} */ (event.target).closest?.("[data-first]"));
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.replaceState(null, "", link.href);
  overRound(document, await commands().catch(() => []));
  document.getElementById("ahead")?.scrollIntoView({ block: "center" });
}

document.addEventListener("click", takeFirst);
