/* Which day does the board show, and when does a day begin in the utility's zone? */
import { computed, effect, signal } from "/static/vendor/preact.js";
import { formatDay, timeZone } from "/static/shared/i18n.js";
import { now } from "./store.js";

const DAY = 86_400_000;
const BACK = 2 * 3_600_000;
const STEP = 1_800_000;
const LIVE_SPAN = 10.5 * 3_600_000;

const clock = new Intl.DateTimeFormat("en-CA", {
  timeZone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});

/** What clocks and calendars of the utility show. @param {number} at milliseconds */
function partsOf(at) {
  const parts = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, value]));
  return { day: `${parts.year}-${parts.month}-${parts.day}`, asUtc: Date.UTC(+parts.year, +parts.month - 1, +parts.day, +parts.hour, +parts.minute, +parts.second) };
}

/** When a day such as 2026-03-02 begins, in milliseconds. @param {string} day */
export function beginOf(day) {
  const wanted = Date.parse(`${day}T00:00:00Z`);
  let at = wanted;
  // The clock may change between the guess and the midnight.
  for (let round = 0; round < 3; round += 1) at += wanted - partsOf(at).asUtc;
  return at;
}

/** @param {string} day @param {number} by */
export const dayAfter = (day, by) => new Date(Date.parse(`${day}T00:00:00Z`) + by * DAY).toISOString().slice(0, 10);

/** @param {string | null} text */
function readDay(text) {
  return text && /^\d{4}-\d{2}-\d{2}$/.test(text) && Number.isFinite(Date.parse(`${text}T00:00:00Z`)) && dayAfter(text, 0) === text ? text : null;
}

export const today = computed(() => partsOf(Math.floor(now.value / 60_000) * 60_000).day);
const asked = readDay(new URLSearchParams(location.search).get("day"));
/** The day that is shown, null for the hours around the present. */
export const shownDay = signal(asked === today.peek() ? null : asked);

/** Whether the hours around the present are shown, in which alone a crew can be sent. */
export const isLive = computed(() => shownDay.value === null);

/** Turn to another day; today is the hours around the present. @param {number} by days, 0 for today */
export function turnDay(by) {
  const day = by === 0 ? today.value : dayAfter(shownDay.value ?? today.value, by);
  shownDay.value = day === today.value ? null : day;
}

/** Where the sheet begins, in milliseconds: the present moves on by the half hour. */
export const origin = computed(() => (shownDay.value === null ? Math.floor((now.value - BACK) / STEP) * STEP : beginOf(shownDay.value)));
/** How long the sheet is: a day has 23 or 25 hours when the clock changes. */
export const span = computed(() => (shownDay.value === null ? LIVE_SPAN : beginOf(dayAfter(shownDay.value, 1)) - origin.value));
/** Hours that may be in sight at once. */
export const zooms = computed(() => (shownDay.value === null ? [2, 5, 10] : [2, 5, 10, 24]));

/** The shown day in words. */
export const dayName = computed(() => formatDay(shownDay.value === null ? now.value : origin.value + DAY / 2));
export const isPast = computed(() => shownDay.value !== null && shownDay.value < today.value);

effect(() => {
  const address = new URL(location.href);
  if (shownDay.value) address.searchParams.set("day", shownDay.value);
  else address.searchParams.delete("day");
  if (address.href !== location.href) history.replaceState(null, "", address);
});
