/* What does the board of crews and hours look like? */
import { computed, effect, html, useEffect, useLayoutEffect, useMemo, useRef } from "/static/vendor/preact.js";
import { formatTime, localName, n, t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";
import { Days } from "./board_tools.js";
import { isLive, origin, shownDay, span, zooms } from "./board_days.js";
import { leftFor, look, reveal, seen, seenHours, setHours, shareOfHours } from "./board_sight.js";
import { along, board, carried, cursor, fault, follow, hours, isNarrow, rows, show, view, waiting, wantsFocus } from "./board_store.js";
import { Foot, fits } from "./board_foot.js";
import { Bar, placed, Waiting } from "./board_bars.js";
import { zoom } from "./board_drag.js";
import { facts, line, now } from "./store.js";
import { isWall } from "./windows.js";

const HOUR = 3_600_000;
const BREAK = 2 * HOUR;
/** A bar shorter than this part of the hours in sight has no room for words. */
const SHORT = 0.012;

/** Map or board beside the list; a narrow screen has tabs. */
export const ViewSwitch = () => html`<div class="segments view-switch" role="group" aria-label=${t("Beside the list")}>
  <button type="button" aria-pressed=${view.value === "map"} onClick=${() => show("map")}>${icon("map")}${t("Map")}</button>
  <button type="button" aria-pressed=${view.value === "board"} onClick=${() => show("board")}>${icon("calendar")}${t("Board")}<kbd class="wide" aria-hidden="true">b</kbd></button></div>`;

/** Bring the present, or the first shift of another day, to the left fifth of what is in sight. */
function toNow() {
  const box = document.querySelector(".board-scroll");
  const lane = box?.querySelector(".board-axis > div");
  if (!box || !lane) return;
  const found = rows.peek();
  const begins = found.flatMap((/** @type {any} */ row) => row.bars.map((/** @type {any} */ bar) => Date.parse(bar.from_at)));
  if (!begins.length) begins.push(...found.flatMap((/** @type {any} */ row) => row.duties.map((/** @type {any} */ duty) => Date.parse(duty.from_at))));
  box.scrollTo({ left: leftFor(isLive.peek() ? now.peek() : begins.reduce((least, each) => Math.min(least, each), Infinity)) * lane.clientWidth });
  look(box);
}

function Tools() {
  const missed = rows.value.reduce((/** @type {number} */ sum, /** @type {any} */ row) => sum + row.bars.filter((/** @type {any} */ bar) => bar.is_missed && !bar.is_arrived && !bar.is_ended).length, 0);
  return html`<div class="board-tools" role="toolbar" aria-label=${t("Hours of the board")}>
    <${ViewSwitch} /><b class="nowrap">${n("%(count)s crew", "%(count)s crews", rows.value.length)}</b>
    ${missed > 0 && isLive.value && html`<span class="toned nowrap small" data-tone="danger">${icon("alert-octagon")} ${n("%(count)s crew too late for its promise", "%(count)s crews too late for their promises", missed)}</span>`}
    <span class="push"></span>
    <${Days} toNow=${toNow} />
    <div class="segments" role="group" aria-label=${t("Hours in sight")}>${zooms.value.map((each) => html`<button type="button" aria-pressed=${hours.value === each} onClick=${() => setHours(each)}>${t("%(hours)s h", { hours: each })}</button>`)}</div>
    <button type="button" class="quiet icon-only" disabled=${hours.value === zooms.value[0]} onClick=${() => zoom(-1)}>${icon("plus", t("Fewer hours"))}</button>
    <button type="button" class="quiet icon-only" disabled=${hours.value === zooms.value.at(-1)} onClick=${() => zoom(1)}>${icon("minus", t("More hours"))}</button>
  </div>`;
}

function Axis() {
  const step = (hours.value <= 2 ? HOUR / 4 : hours.value <= 5 ? HOUR / 2 : HOUR) * (isNarrow() ? 2 : 1);
  const ticks = [];
  for (let at = Math.ceil(origin.value / step) * step; at < origin.value + span.value; at += step) ticks.push(at);
  return html`<div class="board-axis" aria-hidden="true"><span class="board-head muted small">${t("Crew")}</span><div>${ticks.map((at) => html`
    <span key=${at} class="tick" data-hour=${at % HOUR === 0} style=${{ "--at": along(at) }}>${formatTime(at)}</span>`)}${isLive.value && html`<${NowFlag} />`}</div></div>`;
}

const NowFlag = () => html`<span class="now-flag number" style=${{ "--at": along(Math.floor(now.value / 15_000) * 15_000) }}>${formatTime(now.value)}</span>`;
const NowLine = () => html`<div class="board-lanes" aria-hidden="true"><span class="now-line" style=${{ "--at": along(Math.floor(now.value / 15_000) * 15_000) }}></span></div>`;

/** Shifts stand out of the shade; a short gap between two is a break. @param {{row: any}} props */
function Duties({ row }) {
  return row.duties.map((/** @type {any} */ duty, /** @type {number} */ at) => {
    const before = row.duties[at - 1];
    const gap = before ? Date.parse(duty.from_at) - Date.parse(before.to_at) : 0;
    return html`<span class="duty" style=${placed(duty.from_at, duty.to_at)}></span>
      ${gap > 0 && gap <= BREAK && html`<span class="break" style=${placed(before.to_at, duty.from_at)} title=${t("Break %(from)s–%(to)s", { from: formatTime(before.to_at), to: formatTime(duty.from_at) })}></span>`}`;
  });
}

/** @param {{fit: import("./board_fit.js").Fit}} props */
function Ghost({ fit }) {
  if (fit.arrives === null || fit.ends === null) return null;
  return html`<span class="bar ghost" data-tone=${fit.tone} style=${placed(now.value, fit.ends)} aria-hidden="true"><span class="part drive" style=${{ flexGrow: fit.arrives - now.value }}></span><span class="part site" style=${{ flexGrow: fit.ends - fit.arrives }}><span class="bar-words">${carried.value?.number}</span></span></span>`;
}

/** @param {{row: any, at: number}} props */
function Row({ row, at }) {
  // Only the two rows that the cursor leaves and enters are drawn anew.
  const isHere = useMemo(() => computed(() => cursor.value === row.id), [row.id]).value;
  const fit = useMemo(() => computed(() => fits.value?.get(row.id)), [row.id]).value;
  const { from, to } = seenHours.value;
  const short = shareOfHours.value * SHORT;
  // A hand that goes over the rows draws none of their bars anew.
  const lane = useMemo(() => {
    const bars = row.bars.filter((/** @type {any} */ bar) => Date.parse(bar.from_at) < to && Math.max(Date.parse(bar.ends_at), bar.due_at ? Date.parse(bar.due_at) : 0) > from);
    return html`<${Duties} row=${row} />${bars.map((/** @type {any} */ bar) => html`<${Bar} key=${bar.kind + bar.id} bar=${bar} isShort=${Date.parse(bar.ends_at) - Date.parse(bar.from_at) < short} />`)}`;
  }, [row, from, to, short]);
  const busy = row.bars.some((/** @type {any} */ bar) => !bar.is_ended && bar.kind === "visit");
  return html`<div class="board-row" role="row" id=${`crew-${row.id}`} data-crew=${row.id} aria-rowindex=${at + 1} aria-selected=${isHere} data-fit=${fit?.tone}
    onClick=${() => (cursor.value = row.id)}>
    <div class="board-head" role="rowheader" title=${[localName(row), row.vehicle].filter(Boolean).join(" · ")}><b class="crew-name">${localName(row)}</b>
      ${fit ? html`<span class="row-fit toned small truncate" data-tone=${fit.tone} title=${fit.short}>${icon(fit.icon)}${fit.short}</span>`
      : html`<span class="muted small truncate">${isLive.value && (!row.on_duty ? html`${icon("moon")}${t("off duty")}` : busy ? html`${icon("truck")}${t("busy")}` : html`${icon("circle-check")}${t("free")}`)}${row.vehicle && html` <span class="vehicle">${row.vehicle}</span>`}</span>`}</div>
    <div class="board-lane" role="gridcell">${lane}${isHere && fit && html`<${Ghost} fit=${fit} />`}</div></div>`;
}

/** @param {{team: any}} props */
const Team = ({ team }) => html`<div class="board-team" role="row"><span role="rowheader">${localName(team)}</span></div>`;

/** Only the rows in sight are there; the others are room above and below. */
function Grid() {
  const { drawn, before, after } = seen.value;
  const isDrawn = drawn.some((line) => line.row && line.row.id === cursor.value);
  return html`<div role="grid" id="board-grid" tabindex="0" class="board-grid" aria-label=${t("Crews and hours")} aria-rowcount=${rows.value.length} aria-activedescendant=${isDrawn ? `crew-${cursor.value}` : undefined}>
    <div role="presentation" style=${{ blockSize: `${before}px` }}></div>${drawn.map((line) => (line.row ? html`<${Row} key=${line.key} row=${line.row} at=${line.at} />` : html`<${Team} key=${line.key} team=${line.team} />`))}
    <div role="presentation" style=${{ blockSize: `${after}px` }}></div></div>`;
}

function Nothing() {
  if (fault.value) return html`<p class="banner" data-tone="danger" role="alert">${icon("alert-triangle")}<span>${fault.value}</span></p>`;
  if (!board.value || line.value.state === "loading") return html`<div class="pane-skeleton" aria-hidden="true"><div class="skeleton"></div><div class="skeleton"></div><div class="skeleton"></div></div>`;
  return html`<div class="empty">${icon("truck")}<h2>${t("No crew is on duty in these hours")}</h2><p>${t("Shifts are set with the crews in the administration.")}</p></div>`;
}

/** Signs, said once under the board. */
const Signs = () => html`<ul class="board-signs small muted" aria-label=${t("Signs")}>
  <li><span class="sign-part sent"></span>${t("sent")}</li><li><span class="sign-part drive"></span>${t("drives")}</li><li><span class="sign-part site"></span>${t("on site")}</li>
  <li><span class="sign-part site expected"></span>${t("expected")}</li><li><span class="sign-part task"></span>${t("task")}</li><li><span class="sign-part planned"></span>${t("planned visit")}</li>
  <li>${icon("flag")}${t("promise to arrive")}</li><li class="toned" data-tone="danger">${icon("alert-octagon")}${t("missed")}</li>
  <li><span class="sign-part off"></span>${t("off duty")}</li><li><span class="sign-part break"></span>${t("break")}</li></ul>`;

/** The whole board; it reads only while it is in sight. On the wall it is read and nothing else. */
export function Board() {
  const isOn = isWall || view.value === "board";
  const grid = useMemo(() => html`<${Grid} />`, []);
  const sheet = useRef(/** @type {HTMLElement | null} */ (null));
  const isReady = isOn && rows.value.length > 0;
  useEffect(() => (isOn ? follow() : undefined), [isOn]);
  useLayoutEffect(() => { sheet.current?.style.setProperty("--times", String(span.value / HOUR / hours.value)); if (isReady) toNow(); }, [hours.value, isReady, shownDay.value]);
  useEffect(() => {
    const box = document.querySelector(".board-scroll");
    if (!box || !isReady) return undefined;
    const learn = () => look(box);
    const size = new ResizeObserver(learn);
    size.observe(box);
    box.addEventListener("scroll", learn, { passive: true });
    return () => { size.disconnect(); box.removeEventListener("scroll", learn); };
  }, [isReady]);
  useEffect(() => effect(() => { if (cursor.value !== null && !document.body.classList.contains("carrying")) reveal(cursor.value); }), []);
  useEffect(() => { document.documentElement.dataset.board = isReady ? "ready" : ""; }, [isReady]);
  const isWanted = wantsFocus.value && isReady;
  useEffect(() => {
    if (!isWanted) return;
    wantsFocus.value = false;
    document.getElementById("board-grid")?.focus();
  }, [isWanted]);
  if (!isOn) return null;
  return html`${!isWall && html`<${Tools} />`}<div class="board-scroll">
    ${!isReady ? html`<${Nothing} />` : html`<div class="board-sheet" ref=${sheet}><${Axis} />
      ${!isWall && isLive.value && waiting.value.length > 0 && facts.can?.includes("dispatch") && html`<${Waiting} />`}
      ${grid}${isLive.value && html`<${NowLine} />`}</div>`}
  </div>${!isWall && html`<${Foot} />`}<${Signs} />`;
}
