/* How does a page show what was tapped on this phone and the server does not know yet? */
import { formatTime, t } from "/static/shared/i18n.js";
import { overKit } from "./kit.js";
import { commands } from "./store.js";
import { stepOf } from "./tap.js";

/** The colour of each outcome that needs a look. @type {Record<string, string>} */
export const OUTCOME_TONES = { superseded: "warn", rejected: "danger", held: "hold", differs: "warn" };

/** How a command or a photo stands, in words. @param {{outcome?: string}} kept */
export function standing({ outcome }) {
  if (outcome === "superseded") return t("came too late");
  if (outcome === "rejected") return t("was not taken");
  if (outcome === "differs") return t("two values");
  if (outcome === "held") return t("is with the desk, not done");
  return t("waits on this phone");
}

/** The name of a kind of command. @param {string} kind */
export const nameOf = (kind) => stepOf(kind)?.dataset.name ?? kind;

/** @param {string} name @param {string} [text] @param {string} [className] */
export function element(name, text = "", className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}

/** What a command says in words of its person. @param {import("./store.js").Command} command */
export const wordsOf = ({ args, said }) => said || Object.values(args).filter((each) => typeof each !== "object").join(" · ");

/** One line about a command. @param {import("./store.js").Command} command */
export function line(command) {
  const row = element("li");
  const badge = element("span", standing(command), "badge");
  badge.dataset.tone = OUTCOME_TONES[command.outcome ?? ""] ?? "info";
  const words = wordsOf(command);
  row.append(element("span", nameOf(command.kind), "strong"), " ", element("time", formatTime(command.at), "muted nowrap"), " ", badge);
  if (words) row.append(element("p", words, "said"));
  if (command.reason) row.append(element("p", command.reason, "muted"));
  return row;
}

/** The last step of some commands that leads to another state. @param {import("./store.js").Command[]} waiting */
const lastStep = (waiting) => waiting.map((each) => stepOf(each.kind)).findLast((each) => each?.dataset.state) ?? null;

/** @param {Element} badges @param {HTMLElement} step */
function showState(badges, step) {
  const state = step.querySelector(".badge")?.cloneNode(true);
  if (state) badges.lastElementChild?.replaceWith(state);
}

/** @param {Element} ticket @param {import("./store.js").Command[]} own */
function showQueued(ticket, own) {
  ticket.querySelector("#queued")?.remove();
  if (own.length === 0) return;
  const part = element("section", "", "card stack tight");
  part.id = "queued";
  const list = element("ul", "", "past");
  list.append(...own.map(line));
  const link = /** @type {HTMLAnchorElement} */ (element("a", t("All that is not sent"), "button"));
  link.href = "/crew/unsent";
  part.append(element("h2", t("On this phone")), list, link);
  ticket.querySelector(".ticket-head")?.after(part);
}

/** Show a ticket as its crew left it. @param {ParentNode} page @param {import("./store.js").Command[]} all */
export function overTicket(page, all) {
  const ticket = /** @type {HTMLElement | null} */ (page.querySelector("#ticket"));
  if (!ticket) return;
  overRelief(page, all);
  const own = all.filter((each) => each.ticket === ticket.dataset.number);
  const waiting = own.filter((each) => !each.outcome);
  // A tick is seen where it was made; a line above it would move it away from the thumb.
  showQueued(ticket, own.filter((each) => each.outcome || each.kind !== "tick"));
  overKit(ticket, waiting);
  const step = lastStep(waiting);
  if (waiting.some((each) => each.kind === "restore")) ticket.querySelector('form[action$="/restore"]')?.remove();
  if (!step) return;
  const badges = ticket.querySelector(".ticket-head .row");
  if (badges) showState(badges, step);
  const later = /** @type {HTMLTemplateElement | null} */ (page.querySelector("#later"));
  const next = later?.content.querySelector(`[data-after="${step.dataset.state}"]`);
  const place = page.querySelector(".next-step");
  if (place && place.getAttribute("data-after") !== step.dataset.state) {
    place.setAttribute("data-after", step.dataset.state ?? "");
    place.replaceChildren(...(next ? [...next.children].map((each) => each.cloneNode(true)) : [dayLink()]));
  }
  const more = ticket.querySelector(".more-steps");
  if (!next) more?.remove();
  const handOver = next && later?.content.querySelector("[data-hand-over] > a");
  if (handOver && !more?.querySelector('a[href$="/hand-over"]')) more?.append(handOver.cloneNode(true));
  if (!["arrived", "working"].includes(step.dataset.state ?? "")) return;
  more?.querySelector('a[href$="/decline"]')?.remove();
  const restore = later?.content.querySelector("[data-restore] > form");
  const isThere = waiting.some((each) => each.kind === "restore") || more?.querySelector('form[action$="/restore"]');
  if (restore && !isThere) more?.querySelector("h2")?.after(restore.cloneNode(true));
}

const RELIEF_KINDS = ["take-over", "refuse-hand-over", "take-back"];

/** What was said to a hand-over is not asked again while it waits. @param {ParentNode} page @param {import("./store.js").Command[]} all */
function overRelief(page, all) {
  for (const card of page.querySelectorAll("[data-relief]")) {
    const said = all.find((each) => each.ticket === card.getAttribute("data-relief") && !each.outcome && RELIEF_KINDS.includes(each.kind));
    card.querySelector(".relief-said")?.remove();
    for (const way of card.querySelectorAll("form, a.button")) way.toggleAttribute("hidden", Boolean(said));
    if (said) card.append(element("p", `${nameOf(said.kind)}: ${standing(said)}`, "relief-said strong"));
  }
}

function dayLink() {
  const link = /** @type {HTMLAnchorElement} */ (element("a", t("To my tickets"), "button huge primary"));
  link.href = "/crew";
  return link;
}

/** Show the list of the day as the crew left it. @param {import("./store.js").Command[]} all */
function overDay(all) {
  if (document.getElementById("day")) overRelief(document, all);
  for (const link of document.querySelectorAll(".day-ticket")) {
    const number = link.getAttribute("data-number");
    const own = all.filter((each) => each.ticket === number);
    const step = lastStep(own.filter((each) => !each.outcome));
    link.closest("li")?.toggleAttribute("data-over", Boolean(step && "last" in step.dataset));
    const badges = link.querySelector(".day-badges");
    link.querySelector(".day-queued")?.remove();
    if (step && badges) showState(badges, step);
    if (own.length === 0) continue;
    const isSettled = own.some((each) => each.outcome);
    const mark = element("span", isSettled ? t("needs a look") : t("waits on this phone"), "badge day-queued");
    mark.dataset.tone = isSettled ? "warn" : "info";
    badges?.append(mark);
  }
}

/** Lay what this phone knows over the page. */
export async function overlay() {
  const all = await commands();
  overTicket(document, all);
  overDay(all);
}
