/* How is what happened to a ticket told as one story, and its promises shown as bars? */
import { html, useLayoutEffect, useRef, useSignal } from "/static/vendor/preact.js";
import { formatDateTime, formatDay, formatLeft, formatSpan, formatTime, n, t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";
import { takeStep } from "./api.js";
import { can, crewNamed, facts, now, say, select } from "./store.js";
import { Message, sentAt, useMessages } from "./messages.js";
import { lastWarning, promisesOf, tension } from "./promises.js";

/** @type {Record<string, [string, string]>} */
const LOOKS = {
  report_received: ["phone-call", ""], report_merged: ["git-merge", ""], accepted: ["check", ""], placed: ["map-pin", "info"],
  level_changed: ["urgent", "warn"], details_changed: ["edit", ""], dispatched: ["send", "info"], declined: ["x", "warn"],
  withdrawn: ["arrow-back-up", "warn"], relief_asked: ["users", "warn"], relief_declined: ["x", "warn"], relief_taken_back: ["arrow-back-up", ""], handed_over: ["users", "accent"], acknowledged: ["check", "info"], set_off: ["truck", "accent"], arrived: ["map-pin", "accent"],
  started: ["tool", "accent"], restored: ["droplet", "good"], completed: ["circle-check", "good"], cannot_complete: ["circle-x", "danger"],
  left: ["arrow-right", ""], held: ["player-pause", "hold"], released: ["player-play", "hold"], returned: ["arrow-back-up", "warn"],
  marked_duplicate: ["git-merge", ""], separated: ["git-merge", ""], solved_by_phone: ["phone", "good"], answered_by_notice: ["info-circle", "good"], cancelled: ["ban", ""],
  called_back: ["phone-call", "good"], call_unanswered: ["phone", "warn"],
  reopened: ["rotate", "danger"], verified: ["user-check", "good"], closed: ["checks", "good"], time_corrected: ["clock", "warn"],
  note_added: ["message", ""], reporters_told: ["message", "info"], message_taken_back: ["arrow-back-up", "warn"], pinned: ["pin", ""], unpinned: ["pinned-off", ""], nobody_available: ["alert-triangle", "danger"], waits: ["clock", "hold"], clock_warning: ["bell", "warn"],
  household_marked: ["star", "warn"], household_unmarked: ["star", ""], photo_added: ["photo", ""], photo_removed: ["photo", "warn"], photo_covered: ["eye-off", ""], photo_uncovered: ["eye", "warn"],
  alert_acknowledged: ["user-check", "info"],
  clock_breached: ["alert-octagon", "danger"], clock_escalated: ["alert-octagon", "danger"], for_review: ["eye", "warn"], told_on_merged: ["git-merge", ""],
  task_opened: ["list", ""], task_assigned: ["users", "info"], task_ready: ["player-play", "info"], task_started: ["tool", "accent"],
  task_done: ["circle-check", "good"], task_refused: ["arrow-back-up", "warn"], task_cancelled: ["ban", ""],
  reading_taken: ["gauge", ""], parts_used: ["tool", ""], ticked: ["circle-check", ""], next_visit_needs: ["list", "warn"], resident_code: ["user-check", ""], time_left: ["clock", "info"],
  dispute_opened: ["flag", "warn"], dispute_decided: ["flag", "good"], dispute_lapsed: ["flag", "warn"],
};
const SOURCES = () => ({
  desk: t("at the desk"), web: t("on the web"), mobile: t("on the crew's page"), rule: t("by rule"), hotline: t("by telephone"),
  sensor: t("from a sensor"), geofence: t("by position"), api: t("by another system"),
});

/** Which step writes a kind of fact down. @type {Record<string, string>} */
const FACT_STEPS = { reading_taken: "reading", parts_used: "parts" };

/** Which field a fact fills in. @param {any} event */
const fieldOf = ({ kind, visit, facts: found }) => [kind, visit, found.reading, found.when, found.item].join();

/** Two people wrote different things into one field: both, and the choice between them until somebody has chosen. @param {{ticket: any, event: any, events: any[]}} props */
function TwoValues({ ticket, event, events }) {
  const [chosen, fault] = [useSignal(false), useSignal("")];
  const { by, at, words, args } = event.other;
  const choose = async (/** @type {Record<string, unknown>} */ values) => {
    chosen.value = true;
    try {
      await takeStep(ticket.number, FACT_STEPS[event.kind], { ...values, visit_id: event.visit ?? undefined });
      say(t("It is chosen, and both values stay in the story."));
    } catch (refusal) {
      fault.value = /** @type {Error} */ (refusal).message;
      chosen.value = false;
    }
  };
  const isLast = events.findLast((each) => fieldOf(each) === fieldOf(event)) === event;
  const own = Object.fromEntries(Object.keys(args).map((name) => [name, event.facts[name]]));
  return html`<span class="more toned" data-tone="warn">${t("%(who)s, %(time)s: %(value)s", { who: by, time: formatTime(at), value: words })}</span>
    ${can("act_for_crew") && isLast && !chosen.value && html`<span class="more row"><button type="button" class="quiet" onClick=${() => choose(own)}>${t("Keep %(who)s's", { who: event.actor })}</button><button type="button" class="quiet" onClick=${() => choose(args)}>${t("Keep %(who)s's", { who: by })}</button>${can("run_phones") && html`<a href="/desk/phones#decide">${t("All that waits for a decision")}</a>`}</span>`}
    ${fault.value && html`<span class="more toned" data-tone="danger" role="alert">${fault.value}</span>`}`;
}

/** @param {{event: any, isNew: boolean, ticket: any, events: any[]}} props */
function Entry({ event, isNew, ticket, events }) {
  const [picture, tone] = LOOKS[event.kind] ?? ["circle", ""];
  const at = event.effective_at ?? event.at;
  const late = event.recorded_at && Math.abs(Date.parse(event.recorded_at) - Date.parse(at)) > 60_000;
  const isRule = event.source === "rule" && event.actor === "rule";
  const source = /** @type {Record<string, string>} */ (SOURCES())[event.source];
  const who = isRule ? t("by rule") : [event.actor === "resident" ? t("resident") : event.actor, source].filter(Boolean).join(", ");
  const details = [event.detail, ...(event.reasons ?? [])].filter(Boolean);
  return html`<li data-tone=${tone || undefined} aria-current=${isNew ? "step" : undefined}>${icon(picture)}
    <span>${event.name}${details.length > 0 && html` <span class="story-detail">${details.join(" · ")}</span>`}</span>
    <time datetime=${at} title=${formatDateTime(at)}>${formatTime(at)}</time>
    <span class="more">${who}${event.facts?.from && html` · <button class="bare link" type="button" onClick=${() => select(event.facts.from)}>${t("Look at %(number)s", { number: event.facts.from })}</button>`}${event.acting_for && ` · ${t("for %(crew)s", { crew: crewNamed(event.acting_for) })}`}
      ${event.time_note && html` · <span class="toned" data-tone=${event.time_flags?.includes("skewed") || event.time_quality === "offline_skewed" ? "warn" : undefined} title=${formatDateTime(event.recorded_at)}>${event.time_note}</span>`}
      ${late && !event.time_note && html` · <span title=${formatDateTime(event.recorded_at)}>${t("told at %(time)s", { time: formatTime(event.recorded_at) })}</span>`}</span>
    ${event.note && html`<q class="more story-note">${event.note}</q>`}
    ${event.other && html`<${TwoValues} ticket=${ticket} event=${event} events=${events} />`}
  </li>`;
}

/** To which part of the story an entry belongs. @type {[RegExp, string][]} */
const PARTS = [
  [/^task_/, "tasks"], [/^(report_|called_back|call_unanswered)/, "calls"], [/^(note_added|told_on_merged|household_)/, "notes"], [/^(reporters_told|message_taken_back)$/, "messages"],
  [/^photo_/, "notes"], [/^(reading_taken|parts_used|ticked|next_visit_needs|resident_code|time_left)$/, "site"],
  [/^(clock_|alert_|nobody_available|waits|for_review)/, "alerts"],
];
const PART_NAMES = () => ({ all: t("All"), steps: t("Steps"), calls: t("Calls"), messages: t("Messages"), site: t("On site"), tasks: t("Tasks"), alerts: t("Alerts"), notes: t("Notes") });
/** @param {any} event */
const partOf = (event) => PARTS.find(([kind]) => kind.test(event.kind))?.[1] ?? "steps";

/** Everything that happened, with its part and instant, the newest first; events keep their order. @param {any[]} events @param {any[]} messages */
function entriesOf(events, messages) {
  const left = [...messages].sort((one, other) => Date.parse(sentAt(one)) - Date.parse(sentAt(other)));
  const until = (/** @type {number} */ limit) => {
    const count = left.findIndex((message) => Date.parse(sentAt(message)) > limit);
    return left.splice(0, count < 0 ? left.length : count).map((message) => ({ key: `message ${message.id}`, part: "messages", at: sentAt(message), message }));
  };
  const all = events.flatMap((/** @type {any} */ event, at) => [
    ...until(Date.parse(event.recorded_at) - 1),
    { key: event.id ?? at, part: partOf(event), at: event.effective_at ?? event.at, event },
  ]);
  return /** @type {any[]} */ ([...all, ...until(Infinity)]).reverse();
}

/** The story with the messages in it, the newest first, with a line for each day. @param {{ticket: any, events: any[]}} props */
export function Story({ ticket, events }) {
  const isWhole = useSignal(false);
  const part = useSignal("all");
  const { messages, fault } = useMessages(ticket);
  const all = entriesOf(events, messages);
  const there = new Set(all.map((entry) => entry.part));
  // A crew ticks a dozen items a visit: they would hide the steps.
  const newest = part.value === "all" ? all.filter((entry) => entry.event?.kind !== "ticked") : all.filter((entry) => entry.part === part.value);
  const shown = isWhole.value ? newest : newest.slice(0, 12);
  let day = "";
  return html`${there.size > 1 && html`<div class="chips story-parts" role="group" aria-label=${t("Show")}>${Object.entries(PART_NAMES()).filter(([key]) => key === "all" || there.has(key)).map(([key, name]) => html`
      <button key=${key} type="button" class="chip" aria-pressed=${part.value === key} onClick=${() => (part.value = key)}>${name}</button>`)}</div>`}
  ${fault && html`<p class="banner" data-tone="danger" role="alert">${icon("alert-triangle")}<span>${fault}</span></p>`}
  <ol class="timeline story">${shown.map((entry, at) => {
    const on = formatDay(entry.at);
    const isNewDay = on !== day && (day !== "" || on !== formatDay(now.peek()));
    day = on;
    return html`${isNewDay && html`<li class="story-day muted small" key=${on}><span></span>${on}</li>`}${entry.message
      ? html`<${Message} key=${entry.key} message=${entry.message} />` : html`<${Entry} key=${entry.key} event=${entry.event} isNew=${at === 0} ticket=${ticket} events=${events} />`}`;
  })}</ol>
  ${newest.length > shown.length && html`<button class="quiet" type="button" onClick=${() => (isWhole.value = true)}>${n("%(count)s earlier entry", "%(count)s earlier entries", newest.length - shown.length)}</button>`}`;
}

/** One promise: the time that is spent, where it ran out, what a hold added. @param {{promise: any, ticket: any}} props */
function Bar({ promise, ticket }) {
  const bar = useRef(/** @type {HTMLElement | null} */ (null));
  const clock = ticket.next_clock;
  const isNext = clock?.kind === promise.kind;
  const isHeld = Boolean(ticket.on_hold_since);
  const due = (isNext && clock.due_at) || promise.due;
  const at = promise.kept ? Date.parse(promise.kept) : isHeld ? Date.parse(ticket.on_hold_since) : now.value;
  const { seconds, tone, icon: picture, word } = tension(promise.start, due, at, isNext ? lastWarning(clock) : null);
  const start = Date.parse(promise.start);
  const spent = Math.min(1, Math.max(0, (at - start) / Math.max(1, Date.parse(due) - start)));
  useLayoutEffect(() => bar.current?.style.setProperty("inline-size", `${(spent * 100).toFixed(1)}%`));
  const shownTone = promise.kept ? (tone === "danger" ? "danger" : "good") : isHeld ? "hold" : tone;
  const words = promise.kept
    ? seconds < 0 ? formatLeft(seconds) : t("kept, %(time)s left", { time: formatSpan(seconds) })
    : isHeld ? t("paused") : formatLeft(seconds);
  const held = ticket.held_seconds >= 1 && due !== promise.due;
  return html`<li class="promise" data-tone=${shownTone} data-next=${isNext}>
    <span class="promise-name">${facts.clocks?.[promise.kind] ?? promise.kind}</span>
    <span class="promise-bar" aria-hidden="true"><span ref=${bar}></span></span>
    <span class="promise-left toned number">${icon(promise.kept ? (tone === "danger" ? "x" : "check") : isHeld ? "player-pause" : picture, promise.kept ? "" : word)}${words}</span>
    <time class="promise-due muted small number" datetime=${promise.due}>${formatSoon(promise.due)}${held && html` → ${formatSoon(due)}`}</time>
  </li>`;
}

/** The clock alone today, with the day on another. @param {string} iso */
const formatSoon = (iso) => (formatDay(iso) === formatDay(now.peek()) ? formatTime(iso) : formatDateTime(iso));

/** @param {{ticket: any}} props */
export function Promises({ ticket }) {
  const promises = promisesOf(ticket);
  if (!promises.length) return html`<p class="muted">${t("No promise runs on this ticket.")}</p>`;
  return html`<ul class="promises">${promises.map((promise) => html`<${Bar} key=${promise.kind} promise=${promise} ticket=${ticket} />`)}</ul>
    ${ticket.held_seconds >= 1 && html`<p class="muted small">${icon("player-pause")} ${t("%(time)s on hold so far; the promises above show the raw time and, after the arrow, the time with holds.", { time: formatSpan(ticket.held_seconds) })}</p>`}`;
}
