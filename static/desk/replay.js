/* What does the desk know of a chosen crew, and which way did it take? */
import { batch, computed, effect, html, signal, useEffect, useLayoutEffect, useRef } from "/static/vendor/preact.js";
import { formatDay, formatTime, localName, t, timeZone } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";
import { readTrack } from "./api.js";
import { markName } from "./track.js";
import { can, crews, now, select } from "./store.js";
import { placeAt, readWay } from "./track.js";

const HOUR = 3_600_000;
const WINDOWS = [1, 4, 8, 24];
export const SPEEDS = [30, 120, 600];
const STEP = 30_000;
const LEAP = 300_000;

const asked = Number(new URLSearchParams(location.search).get("replay"));
/** The crew that was chosen on the map. */
export const shownCrew = signal(asked || /** @type {number | null} */ (null));
/** Whether its way is replayed. */
const isReplaying = signal(Boolean(asked) && can("dispatch"));
const hours = signal(8);
/** Where the hours end, in milliseconds; null is now. */
const until = signal(/** @type {number | null} */ (null));
/** @type {import("/static/vendor/preact.js").Signal<import("./track.js").Way | null>} */
export const way = signal(null);
const fault = signal("");
/** The instant that is shown, in milliseconds. */
export const at = signal(0);
const isPlaying = signal(false);
const speed = signal(SPEEDS[1]);

const seconds = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
/** The shown instant, to the second. */
export const instant = computed(() => seconds.format(at.value));

const crew = computed(() => crews.value.find((each) => each.id === shownCrew.value) ?? null);
const bounds = computed(() => {
  const fixes = way.value?.fixes ?? [];
  return fixes.length ? { first: fixes[0].at, last: fixes[fixes.length - 1].at } : null;
});

/** Show a crew, and replay its way if that is wanted. @param {number} id @param {boolean} [replays] */
export function showCrew(id, replays = false) {
  if (id === shownCrew.peek() && !replays) return;
  batch(() => {
    shownCrew.value = id;
    isReplaying.value = replays && can("dispatch");
    until.value = null;
  });
}

/** Put the crew and its way away. */
export function hideCrew() {
  batch(() => {
    shownCrew.value = null;
    isReplaying.value = false;
  });
}

// The way is read when it is wanted, not again with each position: every look is written down.
effect(() => {
  const [id, span, end] = [shownCrew.value, hours.value, until.value];
  way.value = null;
  fault.value = "";
  isPlaying.value = false;
  if (!isReplaying.value || id === null) return undefined;
  const stop = new AbortController();
  const to = end ?? now.peek();
  readTrack(id, new Date(to - span * HOUR).toISOString(), new Date(to).toISOString(), stop.signal).then((answer) => {
    const found = readWay(answer);
    batch(() => {
      way.value = found;
      at.value = found.fixes[0]?.at ?? found.from;
    });
  }, (refusal) => { if (refusal.name !== "AbortError") fault.value = refusal.message; });
  return () => stop.abort();
});

effect(() => {
  const address = new URL(location.href);
  if (isReplaying.value && shownCrew.value !== null) address.searchParams.set("replay", String(shownCrew.value));
  else address.searchParams.delete("replay");
  if (address.href !== location.href) history.replaceState(null, "", address);
});

effect(() => {
  if (!isPlaying.value) return undefined;
  let [before, frame] = [performance.now(), 0];
  const tick = (/** @type {number} */ time) => {
    go((time - before) * speed.peek());
    before = time;
    if (isPlaying.peek()) frame = requestAnimationFrame(tick);
  };
  frame = requestAnimationFrame(tick);
  return () => cancelAnimationFrame(frame);
});

/** Move the instant; at the end the replay stops. @param {number} by milliseconds */
function go(by) {
  const limits = bounds.peek();
  if (!limits) return;
  at.value = Math.min(limits.last, Math.max(limits.first, at.peek() + by));
  if (at.peek() >= limits.last) isPlaying.value = false;
}

function play() {
  const limits = bounds.peek();
  if (!limits) return;
  if (at.peek() >= limits.last) at.value = limits.first;
  isPlaying.value = !isPlaying.peek();
}

/** @type {Record<string, (event: KeyboardEvent) => void>} */
const KEYS = {
  ArrowLeft: (event) => go(event.shiftKey ? -LEAP : -STEP),
  ArrowRight: (event) => go(event.shiftKey ? LEAP : STEP),
  Home: () => go(-Infinity),
  End: () => go(Infinity),
  Escape: hideCrew,
};

/** @param {KeyboardEvent} event */
function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const target = /** @type {HTMLElement} */ (event.target);
  const command = event.key === " " && !target.closest("button, select") ? play : KEYS[event.key];
  if (!command || (!isReplaying.peek() && event.key !== "Escape")) return;
  event.preventDefault();
  event.stopPropagation();
  command(event);
}

/** What is known of the shown instant, in words. */
const said = computed(() => {
  const found = way.value;
  if (!found) return "";
  const spot = placeAt(found, at.value);
  const mark = found.marks.findLast((each) => each.at <= at.value);
  return [
    mark && t("%(ticket)s: %(what)s at %(time)s", { ticket: mark.ticket, what: markName(mark.kind), time: formatTime(mark.at) }),
    spot?.since && t("no signal since %(time)s", { time: formatTime(spot.since) }),
  ].filter(Boolean).join(" · ");
});

/** Pieces of the slider without a signal, and the marks on it, in percent. */
const along = (/** @type {number} */ when) => {
  const limits = bounds.value;
  return limits && limits.last > limits.first ? ((when - limits.first) / (limits.last - limits.first)) * 100 : 0;
};

function Slider() {
  const found = /** @type {import("./track.js").Way} */ (way.value);
  const limits = /** @type {{first: number, last: number}} */ (bounds.value);
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => place.current?.focus({ preventScroll: true }), [found]);
  const gaps = found.fixes.flatMap((fix, index) => (index && fix.at - found.fixes[index - 1].at > found.gap ? [[found.fixes[index - 1].at, fix.at]] : []));
  return html`<div class="replay-time"><div class="replay-rail" aria-hidden="true">${gaps.map(([from, to]) => html`<span class="replay-gap" style=${{ "--at": along(from), "--for": along(to) - along(from) }}></span>`)}
      ${found.marks.map((mark) => html`<span class="replay-mark" data-kind=${mark.kind} style=${{ "--at": along(mark.at) }}></span>`)}</div>
    <input ref=${place} type="range" aria-label=${t("Instant of the replay")} aria-valuetext=${[instant.value, said.value].filter(Boolean).join(", ")} min=${limits.first} max=${limits.last} step="1000" value=${at.value}
      onInput=${(/** @type {any} */ event) => (at.value = Number(event.target.value))} /></div>`;
}

function Controls() {
  return html`<div class="replay-line"><button type="button" class="primary" aria-pressed=${isPlaying.value} onClick=${play}>${icon(isPlaying.value ? "player-pause" : "player-play")}${isPlaying.value ? t("Pause") : t("Play")}</button>
      <button type="button" class="quiet icon-only" onClick=${() => go(-STEP)}>${icon("chevron-left", t("30 seconds back"))}</button>
      <b class="number replay-now">${instant.value}</b>
      <button type="button" class="quiet icon-only" onClick=${() => go(STEP)}>${icon("chevron-right", t("30 seconds on"))}</button>
      <span class="muted small truncate">${said.value}</span><span class="push"></span>
      <div class="segments" role="group" aria-label=${t("Speed")}>${SPEEDS.map((each) => html`<button type="button" aria-pressed=${speed.value === each} onClick=${() => (speed.value = each)}>${each}×</button>`)}</div></div>
    <${Slider} />
    ${(way.value?.marks.length ?? 0) > 0 && html`<div class="replay-marks" role="group" aria-label=${t("Marks on the way")}>${way.value?.marks.map((mark) => html`
      <button type="button" class="quiet small" onClick=${() => (at.value = Math.min(bounds.value?.last ?? 0, Math.max(bounds.value?.first ?? 0, mark.at)))}><span class="number">${formatTime(mark.at)}</span> ${mark.ticket} ${markName(mark.kind)}</button>`)}</div>`}`;
}

function Hours() {
  const to = until.value ?? now.peek();
  const from = to - hours.value * HOUR;
  const earlier = () => (until.value = from);
  const later = () => (until.value = to + hours.value * HOUR >= now.peek() ? null : to + hours.value * HOUR);
  return html`<div class="replay-line"><button type="button" class="quiet icon-only" onClick=${earlier}>${icon("arrow-left", t("Earlier hours"))}</button>
    <span class="number small">${formatDay(from)} ${formatTime(from)}–${formatTime(to)}</span>
    <button type="button" class="quiet icon-only" disabled=${until.value === null} onClick=${later}>${icon("arrow-right", t("Later hours"))}</button>
    <div class="segments" role="group" aria-label=${t("Length of the replay")}>${WINDOWS.map((each) => html`<button type="button" aria-pressed=${hours.value === each} onClick=${() => (hours.value = each)}>${t("%(hours)s h", { hours: each })}</button>`)}</div></div>`;
}

function Replay() {
  if (fault.value) return html`<p class="toned" data-tone="danger" role="alert">${icon("alert-triangle")} ${fault.value}</p>`;
  const found = way.value;
  return html`<${Hours} />${!found ? html`<div class="skeleton"></div>` : found.fixes.length ? html`<${Controls} />`
    : html`<p class="muted small">${t("No way is kept of these hours. Ways are kept on shift only, for %(days)s days.", { days: found.days })}</p>`}
    <p class="muted small">${t("Who replays a way is written down.")}</p>`;
}

/** What is known of the crew now. */
function Head() {
  const shown = crew.value;
  const name = localName(shown) || localName(way.value?.crew);
  const seen = shown?.position ? Math.max(0, Math.floor((now.value - Date.parse(shown.position.measured_at)) / 60_000)) : null;
  return html`<div class="replay-head">${icon("truck")}<p class="truncate"><b>${name}</b>
    ${shown && html` <span class="muted small">${[localName(shown.team), shown.state_name, seen === null ? t("never seen; shown at its base") : seen < 2 ? t("seen just now") : t("seen %(minutes)s min ago", { minutes: seen })].filter(Boolean).join(" · ")}</span>`}</p>
    ${shown?.ticket && html`<button type="button" class="quiet small number" onClick=${() => select(shown.ticket, matchMedia("(width > 900px)").matches)}>${shown.ticket}</button>`}
    ${can("dispatch") && !isReplaying.value && html`<button type="button" class="replay-start" onClick=${() => (isReplaying.value = true)}>${icon("history")}${t("Replay")}</button>`}
    <button type="button" class="quiet icon-only" onClick=${hideCrew}>${icon("x", t("Close"))}</button></div>`;
}

/** The crew that was chosen on the map, and the replay of its way. */
export function CrewPanel() {
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => { if (shownCrew.value !== null && !isReplaying.value) /** @type {HTMLElement | null} */ (place.current?.querySelector("button"))?.focus({ preventScroll: true }); }, [shownCrew.value]);
  if (shownCrew.value === null) return null;
  return html`<section ref=${place} class="replay" aria-label=${t("Chosen crew")} data-open=${isReplaying.value} onKeyDown=${pressed}><${Head} />${isReplaying.value && html`<${Replay} />`}</section>`;
}
