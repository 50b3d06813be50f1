/* Which rows and hours of the board are in sight, so that nothing else is drawn? */
import { batch, computed, signal } from "/static/vendor/preact.js";
import { origin, span } from "./board_days.js";
import { along, hours, rows } from "./board_store.js";
import { now } from "./store.js";

export const ROW = 46;
export const TEAM = 26;
/** Rows beyond the edges that are drawn too, and by how many rows the range moves at once. */
const SPARE = 4;
/** The hours move by this part of what is in sight, and are drawn so far beyond it. */
const PART = 0.25;

/** Where the rows stand in sight, in pixels, and how much of the sheet's width lies to the left. */
const top = signal(0);
const height = signal(900);
const left = signal(0);
/** Which part of the sheet is in sight at once. */
const share = computed(() => Math.min(1, (hours.value * 3_600_000) / span.value));
/** The present, or what is looked for, stands a fifth of the way into what is in sight. */
const AHEAD = 0.2;

/** Rows and names of teams with their tops. @type {import("/static/vendor/preact.js").ReadonlySignal<{key: string, team: any, row: any, at: number, top: number, height: number}[]>} */
export const lines = computed(() => {
  const found = [];
  let [sum, team] = [0, null];
  for (const [at, row] of rows.value.entries()) {
    if (row.team.id !== team) {
      found.push({ key: `team ${row.team.id}`, team: row.team, row: null, at, top: sum, height: TEAM });
      sum += TEAM;
    }
    team = row.team.id;
    found.push({ key: `crew ${row.id}`, team: null, row, at, top: sum, height: ROW });
    sum += ROW;
  }
  return found;
});

const total = computed(() => {
  const last = lines.value[lines.value.length - 1];
  return last ? last.top + last.height : 0;
});
const first = computed(() => Math.max(0, Math.floor(top.value / ROW / SPARE) - 1) * SPARE * ROW);
const last = computed(() => (Math.ceil((top.value + height.value) / ROW / SPARE) + 1) * SPARE * ROW);

/** The lines that are drawn, and the room of those before and after. */
export const seen = computed(() => {
  const drawn = lines.value.filter((line) => line.top + line.height > first.value && line.top < last.value);
  const end = drawn[drawn.length - 1];
  return { drawn, before: drawn[0]?.top ?? 0, after: end ? total.value - end.top - end.height : 0 };
});

const part = computed(() => Math.floor(left.value / (share.value * PART)));
/** From when to when bars are drawn, in milliseconds. */
export const seenHours = computed(() => {
  const step = share.value * PART * span.value;
  const begin = origin.value + part.value * step;
  return { from: begin - step, to: begin + share.value * span.value + 2 * step };
});
/** How long the hours in sight are, in milliseconds. */
export const shareOfHours = computed(() => share.value * span.value);

/** Learn what is in sight. @param {Element | null} box what scrolls */
export function look(box) {
  const grid = /** @type {HTMLElement | null} */ (box?.querySelector("#board-grid"));
  const lane = box?.querySelector(".board-axis > div");
  if (!box || !grid || !lane) return;
  const width = lane.clientWidth || 1;
  batch(() => {
    top.value = Math.max(0, box.scrollTop - grid.offsetTop);
    height.value = box.clientHeight;
    left.value = box.scrollLeft / width;
  });
}

/** How far along the sheet the left edge is when an instant is looked for. @param {number | string} at */
export const leftFor = (at) => Math.min(1 - share.value, Math.max(0, along(at) / 100 - AHEAD * share.value));

/** Change how many hours are in sight, around the present. @param {number} wanted */
export function setHours(wanted) {
  batch(() => {
    hours.value = wanted;
    left.value = leftFor(now.peek());
  });
}
left.value = leftFor(now.peek());

/** Scroll until the row of a crew is in sight. @param {number} id */
export function reveal(id) {
  const box = document.querySelector(".board-scroll");
  const grid = document.getElementById("board-grid");
  const line = lines.value.find((each) => each.row?.id === id);
  if (!box || !grid || !line) return;
  const end = grid.offsetTop + line.top + line.height - box.clientHeight;
  // The hours and the tickets that wait stand over the rows.
  if (line.top < box.scrollTop) box.scrollTop = line.top;
  else if (end > box.scrollTop) box.scrollTop = end;
}
