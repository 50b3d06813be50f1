/* Where would a crew be in time, now and in some hours, and where should one wait? */
import { computed, effect, html, signal, useEffect } from "/static/vendor/preact.js";
import { formatTime, localName, n, t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";
import { readCoverage } from "./api.js";
import { crewNamed } from "./store.js";

const EVERY = 15_000;
const MOST_ROWS = 200;

export const isOn = signal(new URLSearchParams(location.search).has("coverage"));
/** The answer of the server, and the refusal when there is none. @type {any} */
export const answer = signal(null);
const fault = signal("");
/** Which of the instants is shown: its place in the answer. */
const ahead = signal(0);
/** The grid that is pointed at, on the map or in the list. */
export const picked = signal(/** @type {number | null} */ (null));
/** Bring a place into sight; the map puts its own function here. @type {any} */
export const look = signal(null);

/** From which chance on a grid belongs to a band. */
export const BANDS = [
  { from: 0.9, tone: "good", icon: "circle-check", name: () => t("very likely in time") },
  { from: 0.75, tone: "info", icon: "check", name: () => t("likely in time") },
  { from: 0.5, tone: "warn", icon: "alert-triangle", name: () => t("doubtful") },
  { from: 0, tone: "danger", icon: "alert-octagon", name: () => t("hardly in time") },
];

/** @param {number} chance */
export const bandOf = (chance) => BANDS.find((band) => chance >= band.from) ?? BANDS[BANDS.length - 1];

/** A chance in words; 100 % and 0 % only when it is as good as exact. @param {number | null | undefined} chance */
export function percent(chance) {
  if (chance === null || chance === undefined) return t("no data");
  const shown = Math.round(chance * 100);
  if (shown === 100 && chance < 0.9995) return "99 %";
  return shown === 0 && chance > 0.0005 ? "1 %" : `${shown} %`;
}

/** The chance of each grid at the chosen instant, by its id; null while the layer is off. */
export const chances = computed(() => {
  if (!isOn.value || !answer.value) return null;
  return new Map(answer.value.grids.map((/** @type {any} */ grid) => [grid.id, grid.chances[ahead.value]]));
});

/** Say what sending a crew takes away. @param {any} loss */
export const lossWords = (loss) =>
  t("If %(crew)s goes, %(grid)s falls from %(before)s to %(after)s.", {
    crew: crewNamed(loss.crew), grid: localName(loss.grid), before: percent(loss.before), after: percent(loss.after),
  });

/** @param {number} seconds */
const inMinutes = (seconds) => (seconds / 60).toFixed(1);

/** @param {any} wait */
function waitWords(wait) {
  if (wait.measure === "arrival") {
    const sooner = { before: inMinutes(wait.before), after: inMinutes(wait.after), crew: crewNamed(wait.crew), other: crewNamed(wait.base_of) };
    if (wait.base_of === wait.crew) return t("%(crew)s could wait at its base: the next call is reached in %(after)s min on average, instead of %(before)s.", sooner);
    return t("%(crew)s could wait at the base of %(other)s: the next call is reached in %(after)s min on average, instead of %(before)s.", sooner);
  }
  const gain = { before: percent(wait.before), after: percent(wait.after), crew: crewNamed(wait.crew) };
  if (wait.grid) return t("%(crew)s could wait in %(grid)s: coverage rises from %(before)s to %(after)s.", { ...gain, grid: localName(wait.grid) });
  if (wait.base_of === wait.crew) return t("%(crew)s could wait at its base: coverage rises from %(before)s to %(after)s.", gain);
  return t("%(crew)s could wait at the base of %(other)s: coverage rises from %(before)s to %(after)s.", { ...gain, other: crewNamed(wait.base_of) });
}

async function read() {
  try {
    answer.value = await readCoverage();
    fault.value = "";
  } catch (refusal) {
    fault.value = /** @type {Error} */ (refusal).message;
  }
}

/** Read while the layer is on, and at once when it is turned on. */
function useAnswers() {
  useEffect(() => effect(() => {
    const address = new URL(location.href);
    if (isOn.value) address.searchParams.set("coverage", "1");
    else address.searchParams.delete("coverage");
    if (address.href !== location.href) history.replaceState(null, "", address);
    if (!isOn.value) return undefined;
    read();
    const timer = setInterval(() => { if (!document.hidden) read(); }, EVERY);
    return () => clearInterval(timer);
  }), []);
}

function Hours() {
  const { hours } = answer.value;
  return html`<div class="segments" role="group" aria-label=${t("When")}>${hours.map((/** @type {any} */ each, /** @type {number} */ at) => html`
    <button type="button" aria-pressed=${ahead.value === at} title=${formatTime(each.at)} onClick=${() => (ahead.value = at)}>${each.hours === 0 ? t("Now") : t("+%(hours)s h", { hours: each.hours })}</button>`)}</div>`;
}

function Total() {
  const { hours, tickets, grids } = answer.value;
  const { share, on_duty: crews, at } = hours[ahead.value];
  return html`<p class="coverage-total"><b class="number">${percent(share)}</b><span>${t("mean chance that a crew arrives within 30 min")}
    <span class="muted small">${formatTime(at)} · ${n("%(count)s crew on duty", "%(count)s crews on duty", crews)} · <span class="number">${tickets ? `n = ${tickets}` : n("%(count)s grid", "%(count)s grids", grids.length)}</span></span></span></p>`;
}

function Legend() {
  return html`<ul class="coverage-bands" aria-label=${t("Signs")}>${BANDS.map((band, at) => html`
    <li><span class="coverage-sign" data-tone=${band.tone}>${icon(band.icon)}</span>${band.name()} <span class="muted number">${at === BANDS.length - 1 ? `< ${percent(BANDS[at - 1].from)}` : `≥ ${percent(band.from)}`}</span></li>`)}</ul>`;
}

/** @param {{grid: any}} props */
function Row({ grid }) {
  const chance = grid.chances[ahead.value];
  const band = bandOf(chance);
  return html`<li><button type="button" class="bare coverage-row" aria-pressed=${picked.value === grid.id} onClick=${() => { picked.value = grid.id; look.value?.(grid.id); }}>
    <span class="coverage-sign" data-tone=${band.tone}>${icon(band.icon, band.name())}</span><span class="truncate">${localName(grid)}</span>
    <span class="muted small number">${grid.tickets > 0 && `n = ${grid.tickets}`}</span><b class="number">${percent(chance)}</b></button></li>`;
}

function Grids() {
  const rows = [...answer.value.grids].sort((one, other) => one.chances[ahead.value] - other.chances[ahead.value] || other.tickets - one.tickets);
  const on = rows.find((grid) => grid.id === picked.value);
  const shown = rows.slice(0, MOST_ROWS);
  if (on && !shown.includes(on)) shown.unshift(on);
  return html`<ul class="coverage-grids" aria-label=${t("Grids, the least covered first")}>${shown.map((grid) => html`<${Row} key=${grid.id} grid=${grid} />`)}</ul>
    ${rows.length > shown.length && html`<p class="muted small">${t("The %(count)s least covered of %(total)s grids", { count: shown.length, total: rows.length })}</p>`}`;
}

/** What the definition drawer of a figure holds, said shortly. */
const DEFINITION = () => t("The chance that at least one free crew on duty drives there within 30 minutes. An idle crew is free; one at work counts by its chance to end in time. In the hours to come each crew starts from its base and is busy as often as crews were at that hour. The mean counts each grid by its past tickets.");

function Panel() {
  if (fault.value && !answer.value) return html`<p class="toned" data-tone="danger" role="alert">${icon("alert-triangle")} ${fault.value}</p>`;
  if (!answer.value) return html`<div class="skeleton"></div><div class="skeleton"></div>`;
  const { wait, notes, grids } = answer.value;
  return html`<${Hours} /><${Total} />
    ${wait && html`<div class="coverage-wait">${icon("map-pin")}<span>${waitWords(wait)}</span><button type="button" class="small" onClick=${() => look.value?.(wait.place)}>${t("Show")}</button></div>`}
    ${notes.length > 0 && html`<ul class="because">${notes.map((/** @type {string} */ note) => html`<li>${note}</li>`)}</ul>`}
    ${grids.length > 0 && html`<${Grids} /><${Legend} />`}
    <details class="small"><summary>${t("Definition")}</summary><p class="muted">${DEFINITION()}</p></details>`;
}

/** The button that tints the grids, and what it opens. */
export function Coverage() {
  useAnswers();
  return html`<div class="map-coverage" data-open=${isOn.value}>
    <button type="button" class="quiet small" aria-expanded=${isOn.value} onClick=${() => (isOn.value = !isOn.value)}>${icon("gauge")}${t("Coverage")}${isOn.value && html`<span class="push">${icon("x")}</span>`}</button>
    ${isOn.value && html`<section aria-label=${t("Coverage")}><${Panel} /></section>`}</div>`;
}
