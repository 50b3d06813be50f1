/* How does the map of the circle follow its slider and its figure, and its table the map? */
import { getJson } from "/static/shared/http.js";
import { formatTime, t } from "/static/shared/i18n.js";
import { drawCells } from "./map_cells.js";
import { savePicture } from "./map_picture.js";
import { classOf, classWords, count, FIGURES, limitsOf, minutes, NOTHING, percent } from "./map_scale.js";
import { letSort } from "./map_table.js";

/** @typedef {import("./map_scale.js").Row} Row */
/** @typedef {import("./map_scale.js").Cell} Cell */

const facts = JSON.parse(document.getElementById("map-facts")?.textContent || "{}");
const byId = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
const [frame, slider, moment, legend, panel, said] = ["map-frame", "map-slider", "map-moment", "map-legend", "map-cell", "map-said"].map(byId);
const element = byId("map");
const table = byId("map-table");
const rows = new Map([...table.querySelectorAll("tr[data-cell]")].map((row) => [row.dataset.cell, row]));
/** @type {Map<string, Promise<any>>} */
const answers = new Map();
const HOURS = 24;
const RENEW_MS = 60_000;
/** Read from three metres. */
const WALL_LABEL_PIXELS = 24;

let { figure, over } = facts;
let picked = "";
/** @type {any} */
let answer = null;

const two = (/** @type {number} */ hour) => `${String(hour).padStart(2, "0")}:00`;
/** Which hour or day is shown, null for all of them. */
const part = () => (Number(slider.value) ? Number(slider.value) - 1 : null);
/** @param {Cell} cell @returns {Row} */
const rowOf = (cell) => (part() === null ? cell.whole : cell.parts[String(part())] ?? NOTHING);

/** @param {number | null} at */
function momentWords(at) {
  if (at === null) return over === "hours" ? t("all hours") : t("all days");
  return over === "hours" ? `${two(at)} – ${two(at + 1)}` : facts.days[at];
}

/** The address of what is shown, narrowed to the hour or the day of the slider. @param {string} address @param {Record<string, string>} [more] */
function narrowed(address, more = {}) {
  const url = new URL(address, location.href);
  const at = part();
  if (at !== null && over === "hours") {
    url.searchParams.set("from_hour", String(at));
    url.searchParams.set("to_hour", String(at + 1));
  } else if (at !== null) {
    url.searchParams.delete("last");
    url.searchParams.set("from", facts.days[at]);
    url.searchParams.set("to", facts.days[at]);
  }
  for (const [name, value] of Object.entries(more)) url.searchParams.set(name, value);
  return url.pathname + url.search;
}

/** @param {Element} line @param {Row} row */
function write(line, row) {
  const texts = {
    demand: count(row[0]), attainment: percent(row[2] ? row[1] / row[2] : null), "attainment-n": count(row[2]),
    response: minutes(row[3]), "response-n": count(row[4]), repeats: percent(row[6] ? row[5] / row[6] : null), "repeats-n": count(row[6]),
  };
  const few = { attainment: row[2], response: row[4], repeats: row[6] };
  for (const [name, text] of Object.entries(texts)) {
    const place = line.querySelector(`[data-value="${name}"]`);
    if (place && place.textContent !== text) place.textContent = text;
  }
  for (const [name, n] of Object.entries(few)) line.querySelector(`[data-value="${name}"]`)?.classList.toggle("few", n > 0 && n < facts.minimum);
}

/** The largest count that the slider can show, so that its hours or days share one scale. */
function largest() {
  const all = answer.cells.flatMap((/** @type {Cell} */ cell) => (part() === null ? [cell.whole] : Object.values(cell.parts)));
  return Math.max(1, ...all.map((/** @type {Row} */ row) => row[0]));
}

function signs() {
  const shown = FIGURES[figure];
  const found = classWords(shown, limitsOf(shown, largest())).map((words, tone) => ({ tone: /** @type {number | null} */ (tone), words }));
  if (shown.n(NOTHING) !== null) found.push({ tone: null, words: t("fewer than %(minimum)s: too few to judge", { minimum: facts.minimum }) });
  return found;
}

function showLegend() {
  const words = [FIGURES[figure].name(), ...(part() === null ? [] : [momentWords(part())])];
  const name = Object.assign(document.createElement("b"), { textContent: words.join(" · ") });
  const pieces = signs().map(({ tone, words }) => {
    const sign = document.createElement("span");
    const box = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    box.setAttribute("aria-hidden", "true");
    if (tone === null) box.innerHTML = '<path d="M-4 16 12-4M4 20 20-4M12 20 28-4" stroke="currentColor" stroke-width="1.5" opacity="0.6"/>';
    else box.style.background = `var(--map-${tone + 1})`;
    sign.append(box, words);
    return sign;
  });
  legend.replaceChildren(name, ...pieces);
}

/** @param {import("./map_cells.js")["drawCells"] extends (...a: any) => infer M ? M : never} map */
function showMap(map) {
  const shown = FIGURES[figure];
  const limits = limitsOf(shown, largest());
  const looks = new Map();
  for (const cell of answer.cells) {
    const row = rowOf(cell);
    const value = shown.value(row, cell);
    const n = shown.n(row);
    if (value === null || (figure === "demand" && !value)) continue;
    const few = n !== null && n < facts.minimum;
    looks.set(cell.key, { tone: classOf(shown, limits, value), few, words: labelOf(cell, few ? `n = ${n}` : shown.write(value), few) });
  }
  map.look(looks);
}

/** What stands in a cell; on a wall its name as well, and nothing where there is nothing to judge. @param {Cell} cell @param {string} value @param {boolean} few */
function labelOf(cell, value, few) {
  if (facts.wall && few) return "";
  const name = facts.wall && rows.get(cell.key)?.querySelector("th")?.textContent?.trim();
  return name ? `${name}\n${value}` : value;
}

function showTable() {
  for (const cell of answer.cells) {
    const line = rows.get(cell.key);
    if (!line) continue;
    write(line, rowOf(cell));
    line.hidden = part() !== null && !rowOf(cell)[0];
  }
  write(table.querySelector("[data-cell-whole]"), part() === null ? answer.whole : answer.parts[part()] ?? NOTHING);
  for (const link of document.querySelectorAll("[data-cell-link]")) {
    if (link instanceof HTMLAnchorElement) link.href = narrowed(facts.tickets, { cell: link.dataset.cellLink ?? "" });
  }
  const nowhere = part() === null ? answer.unplaced.reduce((/** @type {number} */ sum, /** @type {number} */ n) => sum + n, 0) : answer.unplaced[part()] ?? 0;
  byId("map-unplaced").hidden = !nowhere;
  byId("map-unplaced-n").textContent = t("Tickets that are not on the map: %(count)s", { count: count(nowhere) });
}

function showPanel() {
  const cell = answer.cells.find((/** @type {Cell} */ each) => each.key === picked);
  for (const [key, line] of rows) line.toggleAttribute("aria-current", key === picked);
  rows.get(picked)?.setAttribute("aria-current", "true");
  panel.hidden = !cell;
  if (!cell) return;
  const row = rowOf(cell);
  const head = document.createElement("header");
  const close = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: "×", ariaLabel: t("Close") });
  close.addEventListener("click", () => pick(""));
  head.append(rows.get(picked)?.querySelector("th")?.textContent?.trim() ?? picked, close);
  const list = document.createElement("dl");
  for (const [key, each] of Object.entries(FIGURES)) {
    const [line, term, text] = ["div", "dt", "dd"].map((name) => document.createElement(name));
    const n = each.n(row);
    term.textContent = each.name();
    text.textContent = each.write(each.value(row, cell)) + (n === null ? "" : ` (n = ${count(n)})`);
    if (key === figure) text.style.fontWeight = "700";
    line.append(term, text);
    list.append(line);
  }
  const link = Object.assign(document.createElement("a"), { href: narrowed(facts.tickets, { cell: cell.key }), textContent: t("The tickets of this cell") });
  panel.replaceChildren(head, list, link);
}

/** @type {any} */
let map = null;

/** @param {string} key */
function pick(key) {
  picked = key === picked ? "" : key;
  map.pick(picked);
  showPanel();
}

function show() {
  moment.textContent = momentWords(part());
  slider.setAttribute("aria-valuetext", moment.textContent);
  showTable();
  showLegend();
  showMap(map);
  showPanel();
  const file = byId("map-file");
  if (file) file.href = narrowed(facts.file);
  document.documentElement.dataset.shown = `${figure} ${over} ${slider.value}`;
}

/** Read the cells with their hours or days, once each. */
async function read() {
  const address = new URL(facts.cells, location.href);
  address.searchParams.set("over", over);
  const url = address.pathname + address.search;
  if (!answers.has(url)) answers.set(url, getJson(url).then(({ body }) => body));
  try {
    answer = await answers.get(url);
    said.textContent = "";
  } catch (refusal) {
    answers.delete(url);
    said.textContent = /** @type {Error} */ (refusal).message;
    throw refusal;
  }
}

/** Keep what is shown in the address of the page, so that it can be shared. @param {string} name @param {string} value */
function keep(name, value) {
  const address = new URL(location.href);
  address.searchParams.set(name, value);
  history.replaceState(null, "", address);
  for (const link of document.querySelectorAll(".map-choices nav a, .tabs a")) {
    if (!(link instanceof HTMLAnchorElement)) continue;
    const url = new URL(link.href);
    url.searchParams.set(name, value);
    link.href = url.pathname + url.search;
  }
  facts.cells = withPart(facts.cells, name, value);
  facts.tickets = withPart(facts.tickets, name, value);
}

/** @param {string} address @param {string} name @param {string} value */
function withPart(address, name, value) {
  const url = new URL(address, location.href);
  url.searchParams.set(name, value);
  return url.pathname + url.search;
}

/** @param {string} name @param {string} value */
function press(name, value) {
  for (const button of document.querySelectorAll(`[data-${name}]`)) button.setAttribute("aria-pressed", String(button.getAttribute(`data-${name}`) === value));
}

function letChoose() {
  byId("map-figures").hidden = false;
  byId("map-time").hidden = false;
  byId("map-time").addEventListener("submit", (/** @type {Event} */ event) => event.preventDefault());
  slider.addEventListener("input", show);
  for (const button of document.querySelectorAll("[data-figure]")) {
    button.addEventListener("click", () => {
      figure = button.getAttribute("data-figure");
      press("figure", figure);
      keep("figure", figure);
      show();
    });
  }
  for (const button of document.querySelectorAll("[data-over]")) button.addEventListener("click", () => turnTo(button.getAttribute("data-over") ?? "hours"));
  const picture = byId("map-picture");
  picture.hidden = false;
  picture.addEventListener("click", () => map.whenDrawn(() => savePicture(element, written(), `map_${figure}_${new URL(facts.cells, location.href).searchParams.get("from") ?? ""}.png`.replace("_.png", ".png"))));
}

/** @param {string} wanted */
async function turnTo(wanted) {
  over = wanted;
  press("over", over);
  await read();
  slider.value = "0";
  slider.max = String(over === "hours" ? HOURS : facts.days.length);
  keep("over", over);
  show();
}

/** What a picture says of itself. */
function written() {
  const filters = [...document.querySelectorAll(".chips .badge")].map((each) => each.textContent?.trim());
  const range = `${byId("map-days").textContent.trim()} · ${moment.textContent}`;
  const shape = document.querySelector(".map-choices [aria-current=page]")?.textContent?.trim() ?? "";
  const nowhere = byId("map-unplaced");
  return {
    title: FIGURES[figure].name(),
    lines: [[range, shape].join(" · "), filters.length ? [t("Only:"), ...filters].join(" ") : t("All tickets"), ...(nowhere.hidden ? [] : [byId("map-unplaced-n").textContent])],
    legend: signs(),
    foot: [t("as of %(time)s", { time: answer.as_of.slice(0, 16).replace("T", " ") + " UTC" }), facts.map.attribution.replace(/<[^>]*>/g, "")].filter(Boolean).join(" · "),
  };
}

/** Show the newest cells on a wall; without an answer say how old those are that are shown. */
async function renew() {
  answers.clear();
  try {
    await read();
  } catch {
    said.textContent = t("Reconnecting; figures from %(time)s", { time: formatTime(Date.parse(answer.as_of)) });
    return;
  }
  map.showCells(answer.cells);
  show();
  const { whole, first_day: first, last_day: last } = answer;
  byId("map-whole").textContent = percent(whole[2] ? whole[1] / whole[2] : null);
  byId("map-whole-n").textContent = count(whole[2]);
  byId("map-as-of").textContent = formatTime(Date.parse(answer.as_of));
  byId("map-days").textContent = first === last ? first : `${first} – ${last}`;
  const body = table.tBodies[0];
  const worst = answer.cells.toSorted((/** @type {Cell} */ one, /** @type {Cell} */ other) => shareOf(one) - shareOf(other));
  for (const cell of worst) body.append(rows.get(cell.key) ?? []);
}

/** The share kept in a cell; those of too few promises come after all others. @param {Cell} cell */
function shareOf({ whole }) {
  return whole[2] ? whole[1] / whole[2] + (whole[2] < facts.minimum ? 1 : 0) : HOURS;
}

async function begin() {
  frame.hidden = false;
  map = drawCells(element, {
    settings: facts.wall ? { ...facts.map, labelPixels: WALL_LABEL_PIXELS } : facts.map,
    onPick: (key) => pick(key ?? ""),
    onLost: () => (said.textContent = t("The map's tiles do not come. The cells are drawn without them.")),
  });
  letChoose();
  letSort(table, (key) => answer?.cells.find((/** @type {Cell} */ each) => each.key === key), rowOf);
  slider.max = String(over === "hours" ? HOURS : facts.days.length);
  await read();
  map.showCells(answer.cells);
  show();
  if (facts.wall) setInterval(() => void renew(), RENEW_MS);
  document.documentElement.dataset.map = "ready";
}

begin();
