/* What did somebody else change while one was changing a ticket, and whose value is to stay? */
import { html } from "/static/vendor/preact.js";
import { formatDateTime, formatTime, localName, t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";
import { crews, detail, facts } from "./store.js";

/** @typedef {Record<string, any>} Ticket */

const NOTHING = "–";
/** The state that a step is after. @type {Record<string, string>} */
const AIMS = {
  close: "closed", hold: "on_hold", cancel: "cancelled", "solve-by-phone": "solved_by_phone", merge: "duplicate", return: "returned", reopen: "reopened",
  dispatch: "dispatched", acknowledge: "acknowledged", "set-off": "en_route", arrive: "arrived", start: "working", complete: "completed",
};
/** Under which row of the ticket a value of a step stands. @type {Record<string, string>} */
const ROWS = { crew_id: "crew", lat: "place", "hold.reason": "hold" };

/** What a step without values of its own is after, by row. @type {Record<string, () => [string, string][]>} */
const WANTS = { withdraw: () => [["crew", NOTHING]], pin: () => [["pinned", t("Yes")]], unpin: () => [["pinned", t("No")]] };

/** @param {any} place */
const spot = (place) => (place?.lat === null || place?.lat === undefined ? t("not placed yet") : `${place.lat.toFixed(5)}, ${place.lon.toFixed(5)}`);
/** @param {number} level */
const levelName = (level) => `${level} · ${facts.levels?.[level] ?? ""}`;

/** What is told of a ticket where it differs. @type {() => [string, string, (ticket: Ticket) => string][]} */
const PARTS = () => [
  ["state", t("State"), (ticket) => ticket.state_name],
  ["level", t("Level"), (ticket) => levelName(ticket.level)],
  ["category", t("What"), (ticket) => ticket.category_name],
  ["description", t("Said"), (ticket) => ticket.description || NOTHING],
  ["pipe_mm", t("Pipe, millimetres"), (ticket) => String(ticket.pipe_mm ?? NOTHING)],
  ["crew", t("Crew"), (ticket) => localName(ticket.crew) || NOTHING],
  ["team", t("Team"), (ticket) => localName(ticket.team) || NOTHING],
  ["place", t("Place"), (ticket) => spot(ticket.place)],
  ["hold", t("Hold"), (ticket) => (ticket.hold ? [facts.holds?.[ticket.hold.reason], ticket.hold.until_at && formatDateTime(ticket.hold.until_at)].filter(Boolean).join(" · ") : NOTHING)],
  ["pinned", t("Pinned"), (ticket) => (ticket.pinned ? t("Yes") : t("No"))],
];

/** A value of a step as people read it. @param {string} name @param {any} value @param {any} field @param {Record<string, any>} values */
function worded(name, value, field, values) {
  if (name === "lat") return spot(values);
  if (name === "crew_id") return localName(crews.value.find((crew) => crew.id === value)) || String(value);
  if (name === "level") return levelName(value);
  if (field?.kind === "instant") return formatDateTime(value);
  return field?.options?.find((/** @type {any[]} */ [key]) => String(key) === String(value))?.[1] ?? String(value);
}

/** What one wants, by row: its name and its words. @param {any} attempt */
function wanted({ step, values, fields = [] }) {
  /** @type {Map<string, [string, string]>} */
  const rows = new Map();
  const names = new Map(PARTS().map(([key, name]) => [key, name]));
  const aim = AIMS[step.key];
  if (aim) rows.set("state", [names.get("state") ?? "", facts.states?.[aim] ?? aim]);
  for (const [key, words] of WANTS[step.key]?.() ?? []) rows.set(key, [names.get(key) ?? "", words]);
  for (const [name, value] of Object.entries(values)) {
    if (["lon", "datum", "place_source"].includes(name)) continue;
    const field = fields.find((/** @type {any} */ each) => each.name === name);
    const key = ROWS[`${step.key}.${name}`] ?? ROWS[name] ?? name;
    rows.set(key, [names.get(key) ?? field?.label ?? t("Reason"), worded(name, value, field, values)]);
  }
  return rows;
}

/**
 * The values that one changed oneself: what was only read along must not undo a colleague's change.
 * @param {Record<string, unknown>} values @param {any[]} fields as they were when the form was opened
 */
export function onlyMine(values, fields) {
  const same = new Set(fields.filter((field) => field.value !== undefined && String(field.value ?? "") === String(values[field.name] ?? "")).map((field) => field.name));
  const mine = Object.fromEntries(Object.entries(values).filter(([name]) => !same.has(name)));
  return Object.keys(mine).length ? mine : values;
}

/** Who did what since one looked. @param {{seen: Ticket}} props */
function Since({ seen }) {
  const story = detail.value?.ticket?.number === seen.number ? detail.value.events : [];
  const newer = story.filter((/** @type {any} */ event) => Date.parse(event.recorded_at) > Date.parse(seen.changed_at)).slice(-4);
  if (!newer.length) return null;
  return html`<ul class="because">${newer.map((/** @type {any} */ event) => html`<li><b>${event.name}</b>${event.detail && ` ${event.detail}`} <span class="muted">${event.actor === "rule" ? t("by rule") : event.actor}, ${formatTime(event.recorded_at)}</span></li>`)}</ul>`;
}

/**
 * Both values side by side: as it was seen, as it is, as one wants it.
 * @param {{seen: Ticket, ticket: Ticket, attempt: any, refusal: any}} props
 */
export function Conflict({ seen, ticket, attempt, refusal }) {
  const mine = wanted(attempt);
  const parts = PARTS().map(([key, name, read]) => ({ key, name, was: read(seen), is: read(ticket), mine: mine.get(key)?.[1] }));
  const own = [...mine].filter(([key]) => !parts.some((part) => part.key === key)).map(([key, [name, words]]) => ({ key, name, was: NOTHING, is: NOTHING, mine: words }));
  const rows = [...parts.filter((part) => part.was !== part.is || part.mine !== undefined), ...own];
  return html`<${BothValues} rows=${rows} message=${refusal.message} way=${t("Nothing that you typed is lost. Apply yours to the ticket as it is now, or drop it.")}><${Since} seen=${seen} /><//>`;
}

/**
 * What was seen, what is there now, and what one wants, row by row.
 * @param {{rows: {key: string, name: string, was: string, is: string, mine?: string}[], message: string, way: string, children?: unknown}} props
 */
export const BothValues = ({ rows, message, way, children }) =>
  html`<section class="conflict" role="alert"><p class="banner" data-tone="warn">${icon("alert-triangle")}<span>${message}</span></p>
    ${children}
    <table class="conflict-table"><thead><tr><td></td><th scope="col">${t("I saw")}</th><th scope="col">${t("It is now")}</th><th scope="col">${t("I want")}</th></tr></thead>
      <tbody>${rows.map((row) => html`<tr key=${row.key}><th scope="row">${row.name}</th><td>${row.was}</td><td data-changed=${row.was !== row.is}>${row.is}</td><td>${row.mine ?? NOTHING}</td></tr>`)}</tbody></table>
    <p class="muted small">${way}</p></section>`;

/** The two ways out. @param {{busy: boolean, ready: boolean, onDrop: () => void, onApply?: () => void}} props without `onApply` the form is sent */
export const WaysOut = ({ busy, ready, onDrop, onApply }) =>
  html`<button type="button" onClick=${onDrop}>${t("Drop mine")}</button>
    <button type=${onApply ? "button" : "submit"} class="primary" disabled=${busy || !ready} onClick=${onApply}>${t("Apply mine anyway")}</button>`;
