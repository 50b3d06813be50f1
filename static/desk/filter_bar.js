/* How are filters chosen, seen and taken off above the list? */
import { computed, html } from "/static/vendor/preact.js";
import { localName, t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";
import { Drop } from "./drop.js";
import { levelsOf, NAMES } from "./filters.js";
import { facts, filters, now, seen, tickets } from "./store.js";
import { Views } from "./views.js";

const ALL = () => t("all");
const TITLES = /** @type {Record<string, () => string>} */ ({
  level: () => t("Level"), grid: () => t("Grid"), team: () => t("Team"), crew: () => t("Crew"), state: () => t("State"),
  category: () => t("Category"), due: () => t("Promise"), unread: () => t("Unread"), phone: () => t("Telephone"), place: () => t("Place"),
});
const WORDS = /** @type {Record<string, Record<string, () => string>>} */ ({
  due: { over: () => t("overdue"), soon: () => t("close to the promise") },
  unread: { 1: () => t("changed since I looked") },
  phone: { 1: () => t("with a telephone number"), 0: () => t("without a telephone number") },
  place: { 1: () => t("with a place"), 0: () => t("without a place") },
});

/** @param {string} name @param {string | undefined} text */
export function setFilter(name, text) {
  const { [name]: _, ...others } = filters.value;
  filters.value = text ? { ...others, [name]: text } : others;
}

const { compare } = new Intl.Collator(undefined, { numeric: true });

/** The grids, teams, crews, states and categories of the open tickets: [value, words], by name. */
const choices = computed(() => {
  /** @type {Record<string, Map<string, string>>} */
  const found = { grid: new Map(), team: new Map(), crew: new Map(), state: new Map(), category: new Map() };
  for (const ticket of tickets.value.values()) {
    for (const name of ["grid", "team", "crew"]) if (ticket[name]) found[name].set(ticket[name].name, localName(ticket[name]));
    found.state.set(ticket.state, ticket.state_name);
    found.category.set(ticket.category, ticket.category_name);
  }
  for (const name of ["grid", "team", "crew"]) found[name].set("-", t("none"));
  return found;
});

/** The words of a filter's value. @param {string} name @param {string} text */
export function wordsOf(name, text) {
  if (name === "level") return text.split(",").map((level) => `${level} ${facts.levels?.[level] ?? ""}`).join(", ");
  const category = name === "category" && facts.categories?.find((/** @type {any} */ each) => each.key === text)?.name;
  return WORDS[name]?.[text]?.() || choices.value[name]?.get(text) || category || (name === "state" && facts.states?.[text]) || text;
}

/** @param {{name: string}} props */
function Select({ name }) {
  const id = `filter-${name}`;
  const chosen = filters.value[name] ?? "";
  const options = WORDS[name] ? Object.entries(WORDS[name]).map(([key, words]) => [key, words()])
    : [...choices.value[name]].sort(([one, left], [other, right]) => Number(one === "-") - Number(other === "-") || compare(left, right));
  if (chosen && !options.some(([key]) => key === chosen)) options.push([chosen, wordsOf(name, chosen)]);
  return html`<div class="filter-field"><label for=${id}>${TITLES[name]()}</label>
    <select id=${id} value=${chosen} onChange=${(/** @type {any} */ event) => setFilter(name, event.target.value)}>
      <option value="">${ALL()}</option>${options.map(([key, words]) => html`<option key=${key} value=${key} selected=${key === chosen}>${words}</option>`)}
    </select></div>`;
}

function Levels() {
  const chosen = levelsOf(filters.value);
  const turn = (/** @type {string} */ level) =>
    setFilter("level", (chosen.includes(level) ? chosen.filter((each) => each !== level) : [...chosen, level]).sort().join(","));
  return html`<fieldset class="filter-levels"><legend>${t("Level")}</legend>${["1", "2", "3", "4"].map((level) => html`
    <button key=${level} type="button" aria-pressed=${chosen.includes(level)} title=${facts.levels?.[level]} onClick=${() => turn(level)}>
      <span class="level" data-level=${level} aria-hidden="true">${level}</span><span class="truncate">${facts.levels?.[level]}</span></button>`)}</fieldset>`;
}

export function FilterBar() {
  const active = NAMES.filter((name) => filters.value[name]);
  return html`<div class="filter-bar" role="group" aria-label=${t("Views and filters")}>
    <${Views} />
    <${Drop} name="filter" label=${html`${icon("filter")}${t("Filter")}${active.length > 0 && html` <b class="number">${active.length}</b>`} <kbd aria-hidden="true">f</kbd>`}>
      <${Levels} /><div class="filter-grid">${NAMES.filter((name) => name !== "level").map((name) => html`<${Select} key=${name} name=${name} />`)}</div>
      <div class="row"><button type="button" disabled=${!active.length} onClick=${() => (filters.value = {})}>${icon("x")}${t("Take all filters off")}</button>
        <button type="button" class="quiet" onClick=${() => seen.lookAtAll(now.peek())}>${icon("checks")}${t("Mark all as read")}</button></div>
    <//>
    ${active.map((name) => html`<button key=${name} type="button" class="token" onClick=${() => setFilter(name, undefined)} title=${t("Take this filter off")}>
      <span class="truncate">${TITLES[name]()}: ${wordsOf(name, filters.value[name])}</span>${icon("x", t("Take this filter off"))}</button>`)}
  </div>`;
}
