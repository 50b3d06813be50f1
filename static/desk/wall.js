/* What does the wall of the control room show, in turn, that everybody in the room may see? */
import { html, useEffect, useSignal } from "/static/vendor/preact.js";
import { formatTime, localName, t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";
import { Board } from "./board.js";
import { MapView } from "./map_view.js";
import { FILTERS, groupOf } from "./promises.js";
import { Countdown, LevelChip, State } from "./queue.js";
import { crews, line, now, queue, tickets } from "./store.js";
import { overdueNumbers } from "./tab_sign.js";

const EACH = 15_000;
const LONGEST = 6 * 3_600_000;
const ROWS = 8;
/** The hours over the crews, in pixels. */
const HEAD = 28;
const PARTS = /** @type {const} */ (["counters", "map", "board", "overdue"]);

/** @param {string} key */
const countOf = (key) => [...tickets.value.values()].filter(FILTERS.find((each) => each.key === key)?.holds ?? (() => false)).length;

/** @param {{name: string, count: number, tone?: string, note?: string}} props */
const Figure = ({ name, count, tone, note }) => html`<div class="wall-figure" data-tone=${count ? tone : undefined}><dt>${name}</dt><dd class="number">${count}</dd>${note && html`<dd class="muted wall-note">${note}</dd>`}</div>`;

function Counters() {
  const onDuty = crews.value.filter((crew) => crew.on_duty);
  // What only waits for the question whether it is fixed is nobody's emergency any more.
  const work = [...tickets.value.values()].filter((ticket) => groupOf(ticket) !== "done");
  return html`<dl class="wall-figures">
    <${Figure} name=${t("Open")} count=${work.length} note=${t("and %(count)s to follow up", { count: tickets.value.size - work.length })} />
    <${Figure} name=${t("Overdue")} count=${overdueNumbers.value.length} tone="danger" />
    <${Figure} name=${t("Level 1")} count=${work.filter((ticket) => ticket.level === 1).length} tone="danger" />
    <${Figure} name=${t("Need a crew")} count=${countOf("crew")} tone="warn" />
    <${Figure} name=${t("Crew sent")} count=${countOf("way")} />
    <${Figure} name=${t("On site")} count=${countOf("site")} />
    <${Figure} name=${t("Not placed")} count=${countOf("place")} tone="warn" />
    <${Figure} name=${t("Crews free")} count=${onDuty.filter((crew) => crew.state === "free").length} note=${t("of %(count)s on duty", { count: onDuty.length })} /></dl>`;
}

/** Without addresses and names: a fault's kind, grid, crew and time. */
function Overdue() {
  const late = new Set(overdueNumbers.value);
  const rows = queue.value.filter((ticket) => late.has(ticket.number));
  if (!rows.length) return html`<div class="empty">${icon("circle-check")}<h2>${t("Nothing is overdue")}</h2></div>`;
  return html`<ul class="wall-rows">${rows.slice(0, ROWS).map((ticket) => html`<li key=${ticket.number}><${LevelChip} level=${ticket.level} />
    <b class="truncate">${ticket.category_name}</b><span class="truncate">${localName(ticket.grid) || t("no grid")}</span><span class="truncate">${localName(ticket.crew) || localName(ticket.team) || t("no team")}</span>
    <${State} state=${ticket.state} name=${ticket.state_name} /><${Countdown} ticket=${ticket} named=${false} /></li>`)}</ul>
    ${rows.length > ROWS && html`<p class="muted wall-note">${t("and %(count)s more", { count: rows.length - ROWS })}</p>`}`;
}

let turns = 0;
/** Each time the board comes round it shows the next crews, as many as fit. */
function nextCrews() {
  const box = document.querySelector(".wall-board .board-scroll");
  if (!box || document.documentElement.dataset.board !== "ready") return;
  const pages = Math.max(1, Math.ceil((box.scrollHeight - HEAD) / Math.max(1, box.clientHeight - HEAD)));
  box.scrollTop = (turns++ % pages) * (box.clientHeight - HEAD);
}

export function Wall() {
  const [part, isStill] = [useSignal(0), useSignal(false)];
  const names = { counters: t("Counters"), map: t("Map"), board: t("Board"), overdue: t("Overdue") };
  useEffect(() => {
    if (isStill.value) return undefined;
    const timer = setInterval(() => (part.value = (part.value + 1) % PARTS.length), EACH);
    return () => clearInterval(timer);
  }, [isStill.value, part.value]);
  const isBoard = PARTS[part.value] === "board";
  useEffect(() => {
    if (!isBoard) return undefined;
    // The rows come from the server a moment later.
    const timer = setTimeout(nextCrews, 1_000);
    return () => clearTimeout(timer);
  }, [isBoard]);
  useEffect(() => {
    document.documentElement.dataset.ready = "true";
    const begun = performance.now();
    // A page that stays open for weeks takes up new versions; never while the server is away.
    const timer = setInterval(() => { if (performance.now() - begun > LONGEST && line.value.state === "live") location.reload(); }, 60_000);
    return () => clearInterval(timer);
  }, []);
  const shown = PARTS[part.value];
  return html`<div class="wall-head"><span class="wall-clock number">${formatTime(now.value)}</span><h2>${names[shown]}</h2>
      ${line.value.state === "away" && html`<span class="badge" data-tone="warn" role="alert">${icon("wifi-off")}${t("Reconnecting; what you see is from %(time)s.", { time: formatTime(line.value.since) })}</span>`}
      <span class="push"></span><button type="button" onClick=${() => (part.value = (part.value + 1) % PARTS.length)}>${icon("arrow-right")}${t("Next")}</button>
      <button type="button" aria-pressed=${isStill.value} onClick=${() => (isStill.value = !isStill.value)}>${icon(isStill.value ? "player-play" : "player-pause")}${isStill.value ? t("Go on") : t("Pause")}</button></div>
    <section class="wall-part" hidden=${shown !== "counters"} aria-label=${names.counters}><${Counters} /></section>
    <section class="wall-part wall-map" data-shown=${shown === "map"} aria-label=${names.map}><${MapView} /></section>
    ${shown === "board" && html`<section class="wall-part wall-board desk-board" aria-label=${names.board}><${Board} /></section>`}
    <section class="wall-part" hidden=${shown !== "overdue"} aria-label=${names.overdue}><${Overdue} /></section>`;
}
