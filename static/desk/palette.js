/* What does Ctrl+K find, in which order, and what is done with the one that is chosen? */
import { html, useEffect, useRef, useSignal } from "/static/vendor/preact.js";
import { formatDateTime, localName, n, t } from "/static/shared/i18n.js";
import { postJson } from "/static/shared/http.js";
import { icon } from "/static/shared/icon.js";
import { searchAll } from "./api.js";
import { turnDay } from "./board_days.js";
import { show } from "./board_store.js";
import { look } from "./coverage.js";
import { openMenu } from "./drop.js";
import { setFilter } from "./filter_bar.js";
import { fitOf } from "./fuzzy.js";
import { showCrew } from "./replay.js";
import { begin, stepsFor } from "./steps.js";
import { can, chosen, counts, crews, dialog, grids, queue, searched, select, showChip, tab, tickets } from "./store.js";

/** @typedef {{key: string, group: string, icon: string, text: string, hint?: string, shortcut?: string, fit?: number, run: () => void}} Item */

const MOST = 7;
const WAIT = 120;

/** @param {any} ticket @returns {Item} */
const ticketItem = (ticket) => ({
  key: `ticket-${ticket.number}`, group: t("Tickets"), icon: "file-text", text: `${ticket.number} · ${ticket.category_name}${ticket.address ? ` · ${ticket.address}` : ""}`,
  hint: ticket.is_open === false ? `${ticket.state_name} · ${formatDateTime(ticket.received_at)}` : ticket.state_name, run: () => select(ticket.number),
});

/** @param {string} group @param {Item[]} items @param {string} query @param {number} [most] */
function best(items, query, most = MOST) {
  return items.map((item) => ({ ...item, fit: Math.max(fitOf(query, item.text), fitOf(query, item.hint ?? "") * 0.5) }))
    .filter((item) => item.fit > 0).sort((one, other) => other.fit - one.fit).slice(0, most);
}

/** @returns {Item[]} */
function actions() {
  const ticket = chosen.value;
  const steps = ticket ? stepsFor(ticket).map((step) => ({ key: `step-${step.key}`, group: ticket.number, icon: step.icon, text: step.name(ticket), shortcut: step.hint, run: () => begin(ticket, step.key) })) : [];
  const desk = [
    ...(can("take_call") ? [{ key: "call", icon: "phone", text: t("Take a call"), shortcut: "n", run: () => document.getElementById("take-call")?.click() }] : []),
    { key: "board-before", icon: "history", text: t("The day before on the board"), run: () => { show("board"); turnDay(-1); } },
    { key: "overdue", icon: "alert-octagon", text: t("Overdue tickets"), hint: n("%(count)s ticket", "%(count)s tickets", counts.value.over), shortcut: "2", run: () => showChip("over") },
    { key: "filter", icon: "filter", text: t("Filter"), shortcut: "f", run: () => openMenu("filter") },
    { key: "views", icon: "list", text: t("Views"), shortcut: "v", run: () => openMenu("views") },
    ...(["map", "list"]).map((part) => ({ key: `only-${part}`, icon: "external-link", text: part === "map" ? t("Map in a window of its own") : t("List in a window of its own"), run: () => void open(`/desk?only=${part}`, `desk-${part}`, "popup") })),
    { key: "notices", icon: "droplet-off", text: t("Notices of interruption"), run: () => location.assign("/desk/notices") },
    ...(can("write_notice") ? [{ key: "notice-new", icon: "plus", text: ticket ? t("New notice of interruption for %(number)s", { number: ticket.number }) : t("New notice of interruption"), run: () => location.assign(`/desk/notices/new${ticket ? `?ticket=${ticket.number}` : ""}`) }] : []),
    ...(can("run_phones") ? [{ key: "phones", icon: "device-mobile", text: t("Phones of crews"), run: () => location.assign("/desk/phones") }] : []),
    { key: "board", icon: "calendar", text: t("Board: crews and hours"), run: () => (tab.value = "board") },
    { key: "map", icon: "map", text: t("Map"), run: () => (tab.value = "map") },
    { key: "handover", icon: "user-check", text: t("Handover: log, open promises, sign"), run: () => location.assign("/desk/handover") },
    { key: "wall", icon: "layout-dashboard", text: t("Wall for the control room"), run: () => void open("/desk?wall=1", "desk-wall") },
    { key: "keys", icon: "keyboard", text: t("Keys"), shortcut: "?", run: () => (dialog.value = { kind: "keys" }) },
  ];
  return [...steps, ...desk.map((each) => ({ ...each, group: t("Desk") }))];
}

/** @param {any} crew @returns {Item} */
const crewItem = (crew) => ({
  key: `crew-${crew.id}`, group: t("Crews"), icon: "truck", text: localName(crew), hint: [localName(crew.team), crew.state_name, crew.ticket].filter(Boolean).join(" · "),
  run: () => {
    if (crew.ticket && tickets.value.has(crew.ticket)) return select(crew.ticket);
    tab.value = "map";
    showCrew(crew.id);
    const spot = crew.position ?? crew.base;
    if (spot) look.value?.(spot);
  },
});

/** The way of a crew, for those who may send it. @param {any} crew @returns {Item} */
const wayItem = (crew) => ({ ...crewItem(crew), key: `way-${crew.id}`, icon: "history", text: t("Replay %(crew)s", { crew: localName(crew) }), hint: localName(crew.team), run: () => { tab.value = "map"; showCrew(crew.id, true); } });

/** @param {any} feature @returns {Item} */
function gridItem(feature) {
  const grid = feature.properties;
  return { key: `grid-${grid.name}`, group: t("Grids"), icon: "hexagons", text: localName(grid), hint: t("show its tickets alone"), run: () => { setFilter("grid", grid.name); look.value?.(feature.id ?? grid.id); } };
}

/** The pages that the top bar leads to. @returns {Item[]} */
const pages = () => [...new Map([...document.querySelectorAll(".top-bar .nav a")].map((link) => [link.getAttribute("href") ?? "", link.textContent?.trim() ?? ""]))]
  .map(([href, text]) => ({ key: `page-${href}`, group: t("Pages"), icon: "arrow-right", text, hint: href, run: () => location.assign(href) }));

/** A household with the place that the address book has for it: its tickets, and where it is. @param {any} household @param {any[]} places @returns {Item} */
function householdItem(household, places) {
  const found = places.find((each) => each.account === household.account);
  return {
    key: `home-${household.account}`, group: t("Households"), icon: "home", text: `${household.account} · ${household.name ?? ""}`,
    hint: [household.address, localName(found?.grid), localName(found?.team)].filter(Boolean).join(" · "),
    run: () => { searched(household.account); if (found?.place) { tab.value = "map"; look.value?.(found.place); } },
  };
}

/** A place of the address book that no household stands for already. @param {any} found @returns {Item[]} */
const placeItems = ({ places, households }) => places
  .filter((/** @type {any} */ place) => !households.some((/** @type {any} */ home) => home.account === place.account))
  .map((/** @type {any} */ place) => ({
    key: `place-${place.account ?? place.address}`, group: t("Places"), icon: "map-pin", text: place.address, hint: [localName(place.grid), localName(place.team)].filter(Boolean).join(" · "),
    run: () => { if (!place.place) return searched(place.address); tab.value = "map"; look.value?.(place.place); },
  }));

/** Everything that fits, best first within each group. @param {string} query @param {any} found what the server found @returns {Item[]} */
function itemsFor(query, found) {
  const listed = query ? [...tickets.value.values()] : queue.value.slice(0, 5);
  const open = best(listed.map(ticketItem), query, 6);
  const past = found.tickets.map(ticketItem).filter((/** @type {Item} */ item) => !open.some((each) => each.key === item.key));
  const isNumber = /^[wW]?\d+$/.test(query);
  const steps = best(actions(), query, query ? MOST : 15);
  const parts = [
    isNumber ? [] : steps, open, past, best(crews.value.map(crewItem), query, query ? 5 : 0), best(can("dispatch") ? crews.value.map(wayItem) : [], query, query ? 3 : 0), best((grids.value?.features ?? []).map(gridItem), query, query ? 5 : 0),
    found.households.map((/** @type {any} */ each) => householdItem(each, found.places)), placeItems(found), best(pages(), query), isNumber ? steps : [],
  ];
  return parts.flat();
}

/** What the server found. @type {{tickets: any[], households: any[], places: any[]}} */
const NOTHING = { tickets: [], households: [], places: [] };
/** @param {string} q @param {AbortSignal} signal */
const searchPlaces = async (q, signal) => (await postJson("/api/v1/places/search", { q, limit: 5 }, { signal })).places;
/** Tickets and households, and places for those who take calls. @param {string} words @param {AbortSignal} signal */
async function find(words, signal) {
  const [everything, places] = await Promise.all([searchAll(words, signal), can("take_call") ? searchPlaces(words, signal) : []]);
  return { ...everything, places };
}

/** @param {{close: () => void, words?: string}} props `words` are looked for at once */
export function Palette({ close, words: given = "" }) {
  const [query, at, found, fault] = [useSignal(given), useSignal(0), useSignal(NOTHING), useSignal("")];
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    const words = query.value.trim();
    if (!words) return void (found.value = NOTHING);
    const stop = new AbortController();
    const timer = setTimeout(() => find(words, stop.signal).then((answer) => { found.value = answer; fault.value = ""; },
      (refusal) => { if (refusal.name !== "AbortError") fault.value = refusal.message; }), WAIT);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [query.value]);
  const items = itemsFor(query.value.trim(), found.value);
  const here = Math.min(at.value, items.length - 1);
  useEffect(() => list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }), [here, query.value]);
  const run = (/** @type {Item | undefined} */ item) => {
    if (!item) return;
    close();
    // The dialog gives the focus back first; what is opened next takes it.
    setTimeout(item.run, 0);
  };
  const key = (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step && items.length) at.value = Math.abs(step) === 1 ? (here + step + items.length) % items.length : Math.min(items.length - 1, Math.max(0, here + step));
    else if (event.key === "Enter" && !event.isComposing) run(items[here]);
    else return;
    event.preventDefault();
  };
  let group = "";
  return html`<div class="palette-box">${icon("search")}<input role="combobox" aria-label=${t("Search everything")} aria-expanded=${items.length > 0} aria-controls="palette-list" aria-autocomplete="list" aria-activedescendant=${items[here]?.key}
      autocomplete="off" spellcheck="false" defaultValue=${given} placeholder=${t("Ticket, household, telephone, name, crew, page, step…")} onKeyDown=${key} onInput=${(/** @type {any} */ event) => { query.value = event.target.value; at.value = 0; }} /><kbd>Esc</kbd></div>
    <ul ref=${list} class="palette-list" id="palette-list" role="listbox" aria-label=${t("What fits")}>${items.map((item, index) => {
      const isNew = item.group !== group;
      group = item.group;
      return html`${isNew && html`<li key=${`group-${item.group}`} class="palette-group" role="presentation">${item.group}</li>`}
        <li key=${item.key} id=${item.key} role="option" aria-selected=${index === here} onMouseMove=${() => (at.value = index)} onClick=${() => run(item)}>
          ${icon(item.icon)}<span class="truncate">${item.text}</span>${item.hint && html`<span class="muted truncate">${item.hint}</span>`}${item.shortcut && html`<kbd class="push">${item.shortcut}</kbd>`}</li>`;
    })}</ul>
    ${items.length === 0 && html`<p class="palette-none muted">${t("Nothing fits. Try fewer letters.")}</p>`}
    ${fault.value && html`<p class="banner" data-tone="warn" role="alert">${icon("alert-triangle")}<span>${fault.value}</span></p>`}`;
}
