/* How are a visit, a task and the tickets that wait drawn along the hours? */
import { computed, html, useMemo } from "/static/vendor/preact.js";
import { formatTime, t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";
import { along, hours, isNarrow, isPaneOpen, waiting } from "./board_store.js";
import { LevelChip } from "./queue.js";
import { facts, now, select, selected } from "./store.js";
import { isWall } from "./windows.js";

const MINUTE = 60_000;
const TRACKS = 3;
/** How wide the chip of a waiting ticket is, as a share of what is in sight. */
const CHIP = isNarrow() ? 0.27 : 0.11;

/** Where something stands along the hours. @param {string | number} from @param {string | number} to */
export const placed = (from, to) => {
  const [begin, end] = [Math.max(0, along(from)), Math.min(100, along(to))];
  return { "--at": begin, "--for": Math.max(0, end - begin) };
};

const categoryOf = (/** @type {string} */ key) => facts.categories?.find((/** @type {any} */ each) => each.key === key)?.name ?? key;

/** Everybody in the room reads the wall, so no address stands on it. @param {any} bar */
const addressOf = (bar) => (isWall ? "" : bar.address);

/** A bar in one sentence, for who hears it and who points at it. @param {any} bar */
function wordsOf(bar) {
  const what = bar.kind === "task" ? (facts.tasks?.[bar.task_kind] ?? bar.task_kind) : categoryOf(bar.category);
  const said = [bar.ticket, what, addressOf(bar)];
  if (bar.is_planned) said.push(t("planned visit"));
  if (bar.pinned) said.push(t("pinned"));
  if (bar.arrives_at) said.push(bar.is_arrived ? t("on site since %(time)s", { time: formatTime(bar.arrives_at) }) : t("there at %(time)s", { time: formatTime(bar.arrives_at) }));
  said.push(bar.is_ended ? t("ended at %(time)s", { time: formatTime(bar.ends_at) }) : t("done about %(time)s", { time: formatTime(bar.ends_at) }));
  if (bar.due_at) said.push(bar.is_missed ? t("promised by %(time)s, missed", { time: formatTime(bar.due_at) }) : t("promised by %(time)s", { time: formatTime(bar.due_at) }));
  return said.filter(Boolean).join(" · ");
}

/** The stages of a bar, each as long as it lasts. @param {any} bar */
function partsOf(bar) {
  const [from, ends] = [Date.parse(bar.from_at), Date.parse(bar.ends_at)];
  const there = bar.arrives_at ? Date.parse(bar.arrives_at) : ends;
  const off = bar.set_off_at ?? bar.drives_at;
  const driven = Math.min(there, Math.max(from, off ? Date.parse(off) : there));
  return [["sent", driven - from], ["drive", there - driven], ["site", ends - there]].filter(([, span]) => Number(span) > 0);
}

/** @param {{bar: any}} props */
function Promise({ bar }) {
  if (!bar.due_at) return null;
  const at = along(bar.due_at);
  if (at < 0 || at > 100) return null;
  const tone = bar.is_missed ? "danger" : bar.is_arrived ? "good" : "info";
  return html`<span class="promise toned" data-tone=${tone} data-missed=${bar.is_missed} style=${{ "--at": at }} aria-hidden="true">${icon(bar.is_missed ? "alert-octagon" : bar.is_arrived ? "check" : "flag")}</span>`;
}

/** One visit or task of a crew; a short one is drawn without its parts. @param {{bar: any, isShort: boolean}} props */
export function Bar({ bar, isShort }) {
  // Only the bars of the ticket that was and the one that is chosen are drawn anew.
  const isChosen = useMemo(() => computed(() => selected.value === bar.ticket), [bar.ticket]).value;
  const kind = bar.kind === "task" ? "task" : bar.is_planned ? "planned" : "visit";
  const name = bar.kind === "task" ? (facts.tasks?.[bar.task_kind] ?? bar.task_kind) : categoryOf(bar.category);
  const words = wordsOf(bar);
  return html`<button type="button" tabindex="-1" class="bar" data-kind=${kind} data-state=${bar.state} data-ended=${bar.is_ended} data-arrived=${bar.is_arrived} data-ticket=${bar.ticket} data-chosen=${isChosen}
    data-missed=${Boolean(bar.is_missed)} style=${placed(bar.from_at, bar.ends_at)} title=${words} aria-label=${words} aria-pressed=${isChosen}
    onClick=${() => select(bar.ticket, false)} onDblClick=${() => (isPaneOpen.value = true)}>${isShort ? html`<span class="part site"></span>` : partsOf(bar).map(([part, span]) => html`<span class=${`part ${part}`} style=${{ flexGrow: Number(span) }}>${part === "site" && html`<span class="bar-words">${kind === "visit" && html`<span class="bar-level" data-level=${bar.level}>${bar.level}</span>`}${kind === "task" && icon("tool")}${kind === "planned" && icon("calendar")}${bar.pinned && icon("pin")}<span class="truncate">${name}${addressOf(bar) && ` · ${addressOf(bar)}`}</span></span>`}</span>`)}</button>
    ${(!isShort || bar.is_missed) && html`<${Promise} bar=${bar} />`}`;
}

/** Tickets that nobody goes to, at the promise they wait for, in few tracks. */
export function Waiting() {
  const width = hours.value * 60 * MINUTE * CHIP;
  /** @type {number[]} */
  const ends = [];
  const shown = [];
  for (const ticket of waiting.value) {
    const at = Math.max(Date.parse(ticket.arrive_due_at), now.value - 105 * MINUTE);
    let track = ends.findIndex((end) => end <= at);
    if (track < 0 && ends.length < TRACKS) track = ends.push(0) - 1;
    if (track < 0 || along(at) > 98) continue;
    ends[track] = at + width;
    shown.push({ ticket, at, track });
  }
  const more = waiting.value.length - shown.length;
  return html`<div class="board-waiting" data-tracks=${Math.max(1, ends.length)} role="group" aria-label=${t("Tickets without a crew, at their promise")}>
    <div class="board-head"><b>${t("No crew yet")}</b><span class="muted small">${more > 0 ? t("%(count)s more in the list", { count: more }) : t("drag to a crew")}</span></div>
    <div class="board-lane">${shown.map(({ ticket, at, track }) => html`<${Chip} key=${ticket.number} ticket=${ticket} at=${at} track=${track} />`)}</div></div>`;
}

/** @param {{ticket: any, at: number, track: number}} props */
function Chip({ ticket, at, track }) {
  const isLate = Date.parse(ticket.arrive_due_at) < now.value;
  const words = [ticket.number, ticket.category_name, ticket.address, t("promised by %(time)s", { time: formatTime(ticket.arrive_due_at) })].filter(Boolean).join(" · ");
  return html`<button type="button" tabindex="-1" class="waiting-chip" data-ticket=${ticket.number} data-chosen=${selected.value === ticket.number} data-late=${isLate} aria-pressed=${selected.value === ticket.number}
    style=${{ "--at": along(at), "--track": track }} title=${words} aria-label=${words} onClick=${() => select(ticket.number, false)}>
    ${icon(isLate ? "alert-octagon" : "flag")}<${LevelChip} level=${ticket.level} /><span class="truncate">${ticket.category_name}</span></button>`;
}
