/* How does the map follow what the desk knows, and the desk what is clicked on the map? */
import { computed, effect, html, signal, useEffect, useRef, useSignal } from "/static/vendor/preact.js";
import { localName, t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";
import { readGrids } from "./api.js";
import { chances, Coverage, look, percent, picked } from "./coverage.js";
import { groupOf, isOverdue, isPlaced } from "./promises.js";
import { followNotices } from "./notice_layer.js";
import { followRoads, roadTo } from "./road.js";
import { at, CrewPanel, instant, showCrew, shownCrew, way } from "./replay.js";
import { callPlace, chosen, crews, facts, filter, filters, grids, line, now, pointing, query, queue, say, select, selected, tab, tickets } from "./store.js";
import { isWall } from "./windows.js";

/** Whether every way is drawn with its minutes. */
const isWaysOn = signal(new URLSearchParams(location.search).has("ways"));
/** What grows old on the map is drawn anew each minute. */
const minute = computed(() => Math.floor(now.value / 60_000));

/** @param {any} ticket */
const markOf = (ticket) => ({
  number: ticket.number,
  spot: { lat: ticket.place.lat, lon: ticket.place.lon },
  group: groupOf(ticket),
  level: ticket.level,
  late: isOverdue(ticket, now.peek()),
});

/** What the list shows where it is narrowed, else every open ticket. */
const listed = computed(() => (query.value.trim() || filter.value !== "all" || Object.keys(filters.value).length ? queue.value : [...tickets.value.values()]));
const numbers = computed(() => new Set(listed.value.map((ticket) => ticket.number)));
/** The chosen ticket where it is not among them; a walk along the list leaves the marks as they are. */
const stray = computed(() => (chosen.value && !numbers.value.has(chosen.value.number) ? chosen.value : null));

/** Where a crew is, or starts from. @param {any} crew */
const spotOf = (crew) => crew.position ?? crew.base;

/** @param {any} crew */
function etaOf({ visits }) {
  const driving = visits.find((/** @type {any} */ visit) => visit.eta_at && ["dispatched", "acknowledged", "en_route"].includes(visit.state));
  if (!driving) return "";
  const minutes = Math.ceil((Date.parse(driving.eta_at) - now.peek()) / 60_000);
  return minutes > 0 ? t("%(minutes)s min", { minutes }) : t("due now");
}

/** @param {any} crew */
function vanOf(crew) {
  const { lat, lon, measured_at: measured, accuracy_metres: reach } = spotOf(crew);
  return {
    id: crew.id,
    name: localName(crew),
    spot: { lat, lon },
    age: measured ? Math.max(0, Math.floor((now.peek() - Date.parse(measured)) / 1000)) : null,
    reach: reach ? Math.round(reach) : null,
    busy: Boolean(crew.ticket),
    eta: etaOf(crew),
    ticket: crew.ticket,
  };
}

/** The ways of the crews that drive, each with who and its minutes. */
function waysNow() {
  const vans = new Map(crews.value.filter(spotOf).map((crew) => [crew.id, vanOf(crew)]));
  const ways = [];
  for (const ticket of tickets.value.values()) {
    const van = vans.get(ticket.crew?.id);
    if (!van || !isPlaced(ticket) || groupOf(ticket) !== "way") continue;
    const isChosen = ticket.number === selected.value;
    const road = roadTo(ticket.number);
    const line = road?.map(([lat, lon]) => ({ lat, lon })) ?? [van.spot, markOf(ticket).spot];
    ways.push({ line, isRoad: Boolean(road), chosen: isChosen, asked: isWaysOn.value, words: [van.name, van.eta, road ? t("by road") : t("straight line")].filter(Boolean).join(" · ") });
  }
  return ways;
}

/** Tie a map to the signals; returns a function that lets go. @param {ReturnType<typeof import("./map.js").createMap>} map */
function follow(map) {
  const stops = [
    effect(() => { if (grids.value) map.showGrids(grids.value); }),
    effect(() => { if (grids.value) map.showCoverage(chances.value, picked.value); }),
    effect(() => {
      minute.value;
      map.showTickets((stray.value ? [...listed.value, stray.value] : listed.value).filter(isPlaced).map(markOf));
    }),
    effect(() => {
      minute.value;
      map.showCrews(crews.value.filter((crew) => spotOf(crew) && (crew.on_duty || crew.ticket)).map(vanOf));
    }),
    effect(() => {
      minute.value;
      map.showWays(waysNow());
    }),
    effect(() => {
      const ticket = chosen.value;
      map.choose(selected.value ?? "", ticket?.crew?.id ?? 0, ticket && isPlaced(ticket) ? { lat: ticket.place.lat, lon: ticket.place.lon } : null);
    }),
    followNotices(map),
    followRoads(),
    effect(() => map.ring((!way.value && shownCrew.value) || 0)),
    effect(() => map.showTrack(way.value)),
    effect(() => { if (way.value) map.moveTrack(at.value, `${localName(way.value.crew)} · ${instant.value}`); }),
    effect(() => map.showPin(callPlace.value?.spot ?? null, callPlace.value?.look)),
  ];
  return () => stops.forEach((stop) => stop());
}

/** The button that draws every way with its minutes. */
function Ways() {
  useEffect(() => effect(() => {
    const address = new URL(location.href);
    if (isWaysOn.value) address.searchParams.set("ways", "1");
    else address.searchParams.delete("ways");
    if (address.href !== location.href) history.replaceState(null, "", address);
  }), []);
  return html`<button type="button" class="quiet small" aria-pressed=${isWaysOn.value} onClick=${() => (isWaysOn.value = !isWaysOn.value)}>${icon("route")}${t("Ways")}</button>`;
}

function Legend() {
  const isOpen = useSignal(false);
  const rows = [["waiting", t("needs a crew")], ["way", t("on the way")], ["site", t("on site")], ["hold", t("on hold")], ["done", t("to follow up")]];
  return html`<div class="map-legend"><div class="map-buttons"><button type="button" class="quiet small" aria-expanded=${isOpen.value} onClick=${() => (isOpen.value = !isOpen.value)}>${icon("info-circle")}${t("Signs")}</button><${Ways} /></div>
    ${isOpen.value && html`<ul>${rows.map(([group, words]) => html`<li><span class="sign" data-group=${group}></span>${words}</li>`)}
      <li><span class="sign late"></span>${t("overdue")}</li>
      <li><span class="sign many" aria-hidden="true">9</span>${t("several tickets; the worst shows")}</li>
      <li><span class="sign way-line"></span>${t("straight line to the ticket, not the road; minutes as estimated when the crew was sent")}</li>
      ${facts.map?.knowsRoads && html`<li><span class="sign road-line"></span>${t("the chosen ticket: by road, from where the crew is now")}</li>`}
      <li><span class="sign reach"></span>${t("a crew is within this circle")}</li>
      ${Object.entries(facts.levels ?? {}).map(([level, name]) => html`<li><span class="level" data-level=${level}>${level}</span>${name}</li>`)}</ul>`}</div>`;
}

export function MapView() {
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  const fit = useRef(() => {});
  const fault = useSignal("");
  useEffect(() => {
    /** @type {(() => void)[]} */
    const stops = [];
    // The list is needed first: the map's 125 KB come when the browser has drawn it.
    const begin = async () => {
      const { createMap } = await import("./map.js");
      if (!place.current) return;
      const map = createMap(place.current, {
        settings: facts.map,
        onTicket: (number) => select(number, matchMedia("(width > 900px)").matches),
        onCrew: isWall ? undefined : (id) => showCrew(id),
        onGrid: (id) => (picked.value = id),
        nameTicket: (number) => {
          const ticket = tickets.peek().get(number);
          return [number, ticket?.category_name, ticket?.address].filter(Boolean).join(" · ");
        },
        onLost: () => say(t("The map's tiles do not come. The desk goes on without them."), { tone: "warn" }),
        nameGrid: (grid) => (grid && chances.value ? `${localName(grid)}: ${percent(chances.value.get(grid.id))}` : ""),
        onPoint: ({ lat, lon }) => {
          if (!pointing.value) return false;
          pointing.value.take(lat, lon);
          return true;
        },
      });
      fit.current = map.fit;
      look.value = map.lookAt;
      stops.push(follow(map), () => map.dispose());
      document.documentElement.dataset.map = "ready";
      if (!grids.value) readGrids().then((found) => (grids.value = found), (refusal) => (fault.value = refusal.message));
    };
    const wait = effect(() => { if (line.value.state !== "loading") requestAnimationFrame(() => setTimeout(later, 30)); });
    let isBegun = false;
    const later = () => { if (!isBegun) { isBegun = true; begin(); } };
    const latest = setTimeout(later, 3000);
    return () => { clearTimeout(latest); wait(); stops.forEach((stop) => stop()); };
  }, []);
  return html`<div ref=${place} class="map" tabindex="0" role="application" aria-label=${t("Map of the tickets and crews; the list holds the same tickets")}></div>
    ${pointing.value && html`<div class="map-hint banner" data-tone="info" role="status">${icon("map-pin")}<span>${pointing.value.words}</span>
      ${!pointing.value.quiet && html`<button type="button" class="push" onClick=${() => { pointing.value.cancel?.(); pointing.value = null; tab.value = "ticket"; }}>${t("Back")} <kbd>Esc</kbd></button>`}</div>`}
    ${fault.value && html`<div class="map-hint banner" data-tone="danger" role="alert">${icon("alert-triangle")}<span>${fault.value}</span></div>`}
    <button type="button" class="map-fit icon-only" onClick=${() => fit.current()}>${icon("maximize", t("Show every grid"))}</button>
    <${Legend} /><${Coverage} />${!isWall && html`<${CrewPanel} />`}`;
}
