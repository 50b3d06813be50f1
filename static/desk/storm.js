/* Which places of a storm are there, and how is one served or made one ticket in a single step? */
import { html, render, signal } from "/static/vendor/preact.js";
import { getJson, postJson } from "/static/shared/http.js";
import { formatAgo, localName, n, t } from "/static/shared/i18n.js";
import { icon, stateBadge } from "/static/shared/icon.js";

/** @typedef {Record<string, any>} Card */

const EVERY = 5_000;
const AT_ONCE = 10;
const METRES_PER_KM = 1_000;
const facts = JSON.parse(document.getElementById("storm-facts")?.textContent || "{}");
const place = document.getElementById("storm-places");

const found = signal(/** @type {any} */ (null));
const chosen = signal(/** @type {Record<string, number>} */ ({}));
const last = signal(/** @type {{title: string, rows: any[], of: number, undone?: boolean} | null} */ (null));
const busy = signal("");
const isAway = signal(false);
/** @type {string | null} */
let etag = null;

const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

async function look() {
  try {
    const answer = await getJson("/api/v1/storms/cards", { etag });
    etag = answer.etag;
    if (answer.isChanged) found.value = answer.body;
    isAway.value = false;
  } catch {
    isAway.value = true;
  }
}

/** Take a step on some tickets, a few at a time. @param {string} step @param {any[]} named @param {Record<string, unknown>} more */
async function take(step, named, more) {
  /** @type {any[]} */
  let rows = [];
  for (let at = 0; at < named.length; at += AT_ONCE) {
    const tickets = named.slice(at, at + AT_ONCE);
    const answer = await postJson("/api/v1/tickets/bulk", { step, tickets, ...more }, { idempotencyKey: newKey() });
    rows = [...rows, ...answer.rows];
  }
  return rows;
}

/** @param {string} key @param {string} title @param {number} of @param {() => Promise<any[]>} work */
async function run(key, title, of, work, undone = false) {
  if (busy.value) return;
  busy.value = key;
  try {
    last.value = { title, rows: await work(), of, undone };
  } catch (refusal) {
    last.value = { title: /** @type {Error} */ (refusal).message, rows: [], of: 0, undone: true };
  } finally {
    busy.value = "";
    etag = null;
    await look();
  }
}

/** The crew that is chosen for a place: by hand, else the nearest, else a free one. @param {Card} card */
const crewOf = (card) => {
  const id = chosen.value[card.lead] ?? card.nearest?.id ?? found.value.crews.find((/** @type {any} */ crew) => crew.free)?.id ?? found.value.crews[0]?.id;
  return found.value.crews.find((/** @type {any} */ crew) => crew.id === id);
};

/** @param {Card} card */
function send(card) {
  const crew = crewOf(card);
  const named = card.tickets.filter((/** @type {any} */ ticket) => ticket.waiting).map((/** @type {any} */ { number, version }) => ({ number, version, crew_id: crew?.id }));
  if (!crew || !named.length || !facts.dispatch) return;
  run(card.lead, t("%(crew)s is sent to %(address)s", { crew: localName(crew), address: card.address || card.lead }), named.length, () => take("dispatch", named, { reason: t("Storm mode: one crew for the whole place") }));
}

/** @param {Card} card */
function attach(card) {
  const named = card.tickets.filter((/** @type {any} */ ticket) => ticket.number !== card.lead).map((/** @type {any} */ { number, version }) => ({ number, version }));
  if (!named.length || !facts.dispatch) return;
  run(card.lead, t("Attached to %(number)s", { number: card.lead }), named.length, () => take("merge", named, { into: card.lead }));
}

function undo() {
  if (!last.value || last.value.undone) return;
  const back = last.value.rows.filter((row) => row.outcome === "done" && row.undo);
  if (!back.length) return;
  run("undo", t("Undone"), back.length, async () => {
    /** @type {any[]} */
    let rows = [];
    for (const step of new Set(back.map((row) => row.undo.step))) {
      const named = back.filter((row) => row.undo.step === step).map(({ number, version, undo: { crew_id } }) => ({ number, version, crew_id }));
      rows = [...rows, ...await take(step, named, { reason: t("Undone at the desk") })];
    }
    return rows;
  }, true);
}

/** @param {number} metres */
const far = (metres) => (metres < METRES_PER_KM ? t("%(metres)s m away", { metres }) : t("%(km)s km away", { km: (metres / METRES_PER_KM).toFixed(1) }));

/** What came of the last step, with a row for each ticket that was not done. */
function Result() {
  if (!last.value) return null;
  const { title, rows, of, undone } = last.value;
  const done = rows.filter((row) => row.outcome === "done");
  const others = rows.filter((row) => row.outcome !== "done");
  return html`<div class="banner storm-result" data-tone=${others.length || !of ? "warn" : "good"} role="status">${icon(others.length || !of ? "alert-triangle" : "circle-check")}
    <div><span>${title}${of > 0 && html` · <b class="number">${t("%(done)s of %(all)s done", { done: done.length, all: of })}</b>`}</span>
    ${others.length > 0 && html`<ul>${others.map((row) => html`<li key=${row.number}><span class="mono">${row.number}</span> ${row.message}</li>`)}</ul>`}</div>
    ${!undone && done.some((row) => row.undo) && html`<button type="button" class="push" disabled=${Boolean(busy.value)} onClick=${undo}>${icon("arrow-back-up")}${t("Undo")}<kbd aria-hidden="true">u</kbd></button>`}</div>`;
}

/** @param {{card: Card}} props */
function Nearest({ card }) {
  const crew = card.nearest;
  if (!crew) return html`<span class="muted">${icon("truck")} ${t("no crew on duty is near")}</span>`;
  return html`<span>${icon("truck")} ${localName(crew)} · ${crew.state_name} · ${far(crew.metres)}</span>`;
}

/** @param {{card: Card}} props */
function Actions({ card }) {
  const crew = crewOf(card);
  const choose = (/** @type {any} */ event) => (chosen.value = { ...chosen.value, [card.lead]: Number(event.target.value) });
  return html`<div class="row storm-actions">
    <label class="visually-hidden" for=${`crew-${card.lead}`}>${t("Crew for %(address)s", { address: card.address || card.lead })}</label>
    <select id=${`crew-${card.lead}`} value=${crew?.id} onChange=${choose} disabled=${!crew}>${found.value.crews.map((/** @type {any} */ each) => html`<option key=${each.id} value=${each.id}>${localName(each)} · ${each.state_name}</option>`)}</select>
    <button type="button" class="primary" disabled=${Boolean(busy.value) || !crew || !card.waiting} aria-busy=${busy.value === card.lead} onClick=${() => send(card)}>${icon("send")}${t("Send to all (%(count)s)", { count: card.waiting })}<kbd aria-hidden="true">a</kbd></button>
    <button type="button" disabled=${Boolean(busy.value) || card.count < 2} onClick=${() => attach(card)}>${icon("git-merge")}${t("Make one ticket")}<kbd aria-hidden="true">m</kbd></button></div>`;
}

/** @param {{card: Card}} props */
function PlaceCard({ card }) {
  return html`<li class="card storm-card" tabindex="-1" data-lead=${card.lead} data-level=${card.worst} aria-labelledby=${`place-${card.lead}`}>
    <h3 id=${`place-${card.lead}`}>${card.address || t("Pin on the map")}${card.addresses > 1 && html` <span class="muted small">${n("and %(count)s more address", "and %(count)s more addresses", card.addresses - 1)}</span>`}</h3>
    <p class="row storm-badges"><span class="badge" data-tone=${card.worst === 1 ? "danger" : "neutral"}>${facts.levels[card.worst]}</span>
      ${card.vulnerable > 0 && html`<span class="badge" data-tone="warn">${icon("star")}${n("%(count)s household first", "%(count)s households first", card.vulnerable)}</span>`}
      <span class="small">${card.categories.map((/** @type {any} */ each) => `${each.name} ${each.count}`).join(" · ")}</span></p>
    <dl class="storm-counts"><div><dt>${t("Tickets")}</dt><dd class="number">${card.count}</dd></div><div><dt>${t("Callers")}</dt><dd class="number">${card.callers}</dd></div>
      <div><dt>${t("Need a crew")}</dt><dd class="number">${card.waiting}</dd></div><div><dt>${t("Oldest")}</dt><dd class="number">${formatAgo(card.oldest_at)}</dd></div></dl>
    <p class="small"><${Nearest} card=${card} /></p>
    ${card.waiting === 0 && html`<p class="small muted">${icon("check")} ${t("Nobody here waits for a crew.")}</p>`}
    ${facts.dispatch && (card.waiting > 0 || card.count > 1) && html`<${Actions} card=${card} />`}
    <details><summary>${n("%(count)s ticket", "%(count)s tickets", card.count)}</summary><ul class="storm-tickets">${card.tickets.map((/** @type {any} */ ticket) => html`<li key=${ticket.number}><a class="mono" href=${`/desk?ticket=${ticket.number}`}>${ticket.number}</a> <span>${ticket.category_name}${ticket.vulnerable && html` ${icon("star", t("household first"))}`}</span> ${stateBadge(ticket.state, ticket.state_name)}</li>`)}</ul></details></li>`;
}

function Places() {
  const all = found.value;
  if (!all) return html`<h2 id="places-head">${t("Places")}</h2>`;
  return html`<h2 id="places-head">${t("Places")} <span class="muted small">${n("%(count)s ticket", "%(count)s tickets", all.tickets)}</span></h2>
    ${isAway.value && html`<div class="banner" data-tone="warn" role="alert">${icon("wifi-off")}<span>${t("Reconnecting; what you see may be old.")}</span></div>`}
    <${Result} />
    <p class="muted small storm-keys">${t("Keys: j and k go through the places, a sends the crew, m makes one ticket, u takes the last step back.")}</p>
    ${all.cards.length ? html`<ol class="storm-cards">${all.cards.map((/** @type {Card} */ card) => html`<${PlaceCard} key=${card.lead} card=${card} />`)}</ol>` : html`<div class="empty">${icon("circle-check")}<h3>${t("No ticket is open here")}</h3></div>`}
    ${all.total > all.cards.length && html`<p class="muted">${t("The %(shown)s most urgent of %(total)s places.", { shown: all.cards.length, total: all.total })}</p>`}`;
}

const cards = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".storm-card")]);

/** @param {KeyboardEvent} event */
function key(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, textarea, select, dialog[open]") || !found.value) return;
  if (localStorage.getItem(`desk-keys:${facts.user}`) === "off") return;
  const all = cards();
  const at = all.findIndex((each) => each.contains(document.activeElement));
  const card = found.value.cards.find((/** @type {Card} */ each) => each.lead === all[at]?.dataset.lead);
  if (event.key === "j") all[Math.min(at + 1, all.length - 1)]?.focus();
  else if (event.key === "k") all[Math.max(at - 1, 0)]?.focus();
  else if (event.key === "u") undo();
  else if (event.key === "a" && card) send(card);
  else if (event.key === "m" && card) attach(card);
  else return;
  event.preventDefault();
}

if (place) {
  place.replaceChildren();
  render(html`<${Places} />`, place);
  document.addEventListener("keydown", key);
  look().then(() => { document.documentElement.dataset.storm = "ready"; });
  setInterval(() => document.hidden || busy.value || look(), EVERY);
}
