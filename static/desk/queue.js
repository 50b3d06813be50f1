/* What does the list of tickets show, and how is it walked through by keys? */
import { computed, html, useEffect, useLayoutEffect, useRef, useSignal } from "/static/vendor/preact.js";
import { formatLeft, localName, n, t } from "/static/shared/i18n.js";
import { icon, STATE_LOOKS } from "/static/shared/icon.js";
import { arrivalTitle } from "./arrival.js";
import { ViewedMark } from "./presence.js";
import { PickBar, picked, PickMark, turnPick } from "./bulk.js";
import { FilterBar } from "./filter_bar.js";
import { HandOverMark } from "./relief.js";
import { counts, dialog, facts, filter, filters, line, now, query, queue, seen, select, selected, tickets } from "./store.js";
import { FILTERS, groupOf, isPlaced, lateByMinutes, standing } from "./promises.js";

export const ROW = 76;
const BEYOND = 6;
const HEADING = 30;
/** Where in the list the repair work ends and what is only followed up begins; no heading stands over a list of one kind. */
const turn = computed(() => Math.max(0, queue.value.findIndex((ticket) => groupOf(ticket) === "done")) || Infinity);
/** How far down a row is, in pixels. @param {number} at */
const topOf = (at) => at * ROW + (at >= turn.value ? HEADING : 0);

/** The level as a small square with its number. @param {{level: number}} props */
export function LevelChip({ level }) {
  const name = facts.levels?.[level] ?? "";
  return html`<span class="level" data-level=${level} title=${name} role="img"
    aria-label=${t("Level %(level)s, %(name)s", { level, name })}>${level}</span>`;
}

/** The time left of the next promise, ticking. @param {{ticket: any, named?: boolean}} props */
export function Countdown({ ticket, named = true }) {
  const { seconds, tone, icon: picture, word, kind } = standing(ticket, now.value);
  const name = kind ? (facts.clocks?.[kind] ?? kind) : "";
  return html`<span class="due" data-tone=${tone}>
    <span class="countdown" data-tone=${tone}>${icon(picture, word)}${seconds === null ? word : formatLeft(seconds)}</span>
    ${named && name && html`<span class="due-name" title=${name}>${name}</span>`}
  </span>`;
}

/** @param {{state: keyof typeof STATE_LOOKS, name: string}} props */
export function State({ state, name }) {
  const [tone, picture] = STATE_LOOKS[state] ?? ["neutral", "circle"];
  return html`<span class="state toned" data-tone=${tone}>${icon(picture)}${name}</span>`;
}

/** That the crew will not make it, said before it is late. @param {{ticket: any}} props */
export function ExpectedLate({ ticket }) {
  const minutes = lateByMinutes(ticket, now.value);
  if (!minutes) return null;
  return html`<span class="toned nowrap expected-late" data-tone="warn">${icon("alert-triangle")}${t("expected late by %(minutes)s min", { minutes })}</span>`;
}

/** @param {any} ticket */
const whereOf = (ticket) => ticket.address || ticket.household?.address || (isPlaced(ticket) ? t("Pin on the map") : t("Place unknown"));

/** Who has the ticket, and over it what the expected arrival rests on. @param {{ticket: any, who: string}} props */
const Goes = ({ ticket, who }) => html`<span class="muted truncate" title=${arrivalTitle(ticket)}>${icon(ticket.crew ? "truck" : "users")}${who}</span>`;

/** @param {{ticket: any, at: number, of: number, top: number, isChosen: boolean}} props */
function Row({ ticket, at, of, top, isChosen }) {
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => place.current?.style.setProperty("translate", `0 ${top}px`), [top]);
  const who = localName(ticket.crew) || localName(ticket.team) || t("no team");
  const isUnread = seen.isUnread(ticket);
  return html`<li ref=${place} class="queue-row" role="option" id=${`row-${ticket.number}`}
    aria-selected=${isChosen} aria-checked=${picked.value.has(ticket.number) ? "true" : undefined} aria-setsize=${of} aria-posinset=${at + 1} data-group=${groupOf(ticket)} data-unread=${isUnread}
    onClick=${(/** @type {MouseEvent} */ event) => (event.shiftKey ? turnPick(ticket.number, true) : select(ticket.number))}>
    <${LevelChip} level=${ticket.level} /><${PickMark} number=${ticket.number} />
    ${isUnread && html`<span class="unread" role="img" aria-label=${t("changed since I looked")} title=${t("changed since I looked")}></span>`}
    <span class="row-title"><b class="truncate">${ticket.category_name}</b></span>
    <${Countdown} ticket=${ticket} />
    <span class="row-number muted number">${ticket.number}</span>
    <span class="row-place truncate">${whereOf(ticket)}${ticket.grid && html`<span class="muted"> · ${localName(ticket.grid)}</span>`}</span>
    <span class="row-foot">
      <${State} state=${ticket.state} name=${ticket.state_name} />
      ${ticket.pinned && html`<span class="nowrap" title=${t("pinned: the planner leaves it")}>${icon("pin", t("pinned"))}</span>`}
      <${ViewedMark} number=${ticket.number} />
      <${ExpectedLate} ticket=${ticket} />
      <${HandOverMark} ticket=${ticket} />
      <${Goes} ticket=${ticket} who=${who} />
      ${ticket.reports > 1 && html`<span class="muted nowrap" title=${n("%(count)s report", "%(count)s reports", ticket.reports)}>${icon("phone-call")}${ticket.reports}</span>`}
      ${ticket.reopenings > 0 && html`<span class="toned nowrap" data-tone="danger">${icon("rotate", t("reopened"))}${ticket.reopenings}</span>`}
    </span>
  </li>`;
}

/** Over the tickets whose work is done and whose reporter is asked. @param {{top: number, count: number}} props */
function Heading({ top, count }) {
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => place.current?.style.setProperty("translate", `0 ${top}px`), [top]);
  return html`<li ref=${place} class="queue-heading" role="presentation">${t("To follow up")} <span class="number">${count}</span></li>`;
}

function Chips() {
  return html`<div class="chips" role="group" aria-label=${t("Show")}>
    ${FILTERS.map(({ key, name }, at) => {
      const count = counts.value[key];
      const isLate = key === "over" && count > 0;
      return html`<button key=${key} type="button" class="chip" aria-pressed=${filter.value === key} data-tone=${isLate ? "danger" : undefined} title=${t("Key %(key)s", { key: at + 1 })}
        data-empty=${count === 0} onClick=${() => (filter.value = key)}>${isLate && icon("alert-octagon")}${name()} <span class="number">${count}</span></button>`;
    })}
  </div>`;
}

function Nothing() {
  if (line.value.state === "loading") {
    return html`<div class="queue-skeleton" aria-hidden="true">${Array.from({ length: 9 }, () => html`<div class="skeleton"></div>`)}</div>`;
  }
  if (query.value.trim() || filter.value !== "all" || Object.keys(filters.value).length) {
    return html`<div class="empty">${icon("search")}<h2>${t("No ticket fits")}</h2>
      <p>${t("This list holds open tickets only. Search for fewer words, or show all.")}</p>
      ${query.value.trim() && html`<button type="button" class="primary" onClick=${() => (dialog.value = { kind: "palette", words: query.value.trim() })}>${icon("search")}${t("Search closed tickets, telephones and names too")}</button>`}
      <button type="button" onClick=${() => { query.value = ""; filter.value = "all"; filters.value = {}; }}>${t("Show all")}</button></div>`;
  }
  return html`<div class="empty">${icon("circle-check")}<h2>${t("Nothing is open")}</h2>
    <p>${t("A call, a resident's report or a sensor brings the next ticket here.")}</p></div>`;
}

/** Only the rows in view are drawn; the list stays smooth with thousands. */
function Rows() {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const view = useSignal({ top: 0, height: 900 });
  const list = queue.value;
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const look = () => (view.value = { top: element.scrollTop, height: element.clientHeight || 900 });
    const watch = new ResizeObserver(look);
    watch.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => watch.disconnect();
  }, []);
  const at = list.findIndex((ticket) => ticket.number === selected.value);
  const [known, shown] = [useRef(""), selected.value ?? ""];
  useEffect(() => {
    const element = box.current;
    if (!element || at < 0 || known.current === shown) return;
    known.current = shown;
    const [from, to] = [topOf(at), topOf(at) + ROW];
    if (from < element.scrollTop) element.scrollTop = from;
    else if (to > element.scrollTop + element.clientHeight) element.scrollTop = to - element.clientHeight;
  });
  const first = Math.max(0, Math.floor(view.value.top / ROW) - BEYOND);
  const last = Math.min(list.length, Math.ceil((view.value.top + view.value.height) / ROW) + BEYOND);
  const list_ = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => list_.current?.style.setProperty("height", `${topOf(list.length)}px`), [list.length, turn.value]);
  return html`<div ref=${box} class="queue-scroll" tabindex="-1">
    ${list.length === 0 && html`<${Nothing} />`}
    <ul ref=${list_} class="queue-rows" role="listbox" id="queue" tabindex="0" hidden=${list.length === 0}
      aria-label=${t("Tickets, the most pressing first")} aria-activedescendant=${at >= first && at < last ? `row-${selected.value}` : undefined}>
      ${turn.value < list.length && html`<${Heading} top=${topOf(turn.value) - HEADING} count=${list.length - turn.value} />`}
      ${list.slice(first, last).map((ticket, index) => html`<${Row} key=${ticket.number} ticket=${ticket} at=${first + index}
        of=${list.length} top=${topOf(first + index)} isChosen=${ticket.number === selected.value} />`)}
    </ul>
  </div>`;
}

/** Choose the ticket some rows further. @param {number} step */
export function move(step) {
  const list = queue.value;
  if (!list.length) return;
  const at = list.findIndex((ticket) => ticket.number === selected.value);
  const next = at < 0 ? (step > 0 ? 0 : list.length - 1) : Math.min(list.length - 1, Math.max(0, at + step));
  select(list[next].number, false);
}

export function Queue() {
  return html`<${FilterBar} /><${Chips} /><${PickBar} /><${Rows} />
    <p class="visually-hidden" role="status">${n("%(count)s ticket", "%(count)s tickets", queue.value.length)}</p>
    ${tickets.value.size > 0 && query.value.trim() && html`<p class="queue-found">${n("%(count)s ticket fits", "%(count)s tickets fit", queue.value.length)}</p>`}`;
}
