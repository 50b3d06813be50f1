/* What does the ticket pane tell and offer about the chosen ticket? */
import { html, signal, useEffect, useSignal } from "/static/vendor/preact.js";
import { formatAgo, formatDateTime, formatTime, localName, n, t } from "/static/shared/i18n.js";
import { badge, icon } from "/static/shared/icon.js";
import { can, chosen, crewNamed, detail, now, say, select, selected, tickets } from "./store.js";
import { ArrivalBasis } from "./arrival.js";
import { FirstMark, markFirst } from "./household_first.js";
import { loadDetail, pollNow } from "./live.js";
import { isPlaced } from "./promises.js";
import { Countdown, ExpectedLate, LevelChip, State } from "./queue.js";
import { begin, leadOf, refused, stepsFor } from "./steps.js";
import { Evidence } from "./evidence.js";
import { Holders } from "./holders.js";
import { Disputed, HeldUntil } from "./holding.js";
import { Viewers } from "./presence.js";
import { Photos } from "./photos.js";
import { Kind, Pinned, WhyWaits } from "./planning.js";
import { HandsOver } from "./relief.js";
import { Similar } from "./similar.js";
import { StageBar } from "./stages.js";
import { Promises, Story } from "./story.js";
import { Tasks } from "./tasks.js";

/** @param {{step: any, ticket: any, isPrimary?: boolean}} props */
const StepButton = ({ step, ticket, isPrimary = false }) =>
  html`<button type="button" class=${`${isPrimary ? "primary" : ""} ${step.tone ?? ""}`} onClick=${(/** @type {any} */ event) => { event.currentTarget.closest("details")?.removeAttribute("open"); begin(ticket, step.key); }}>
    ${icon(step.icon)}${step.name(ticket)}${step.hint && html`<kbd class=${isPrimary ? "on-accent" : ""} aria-hidden="true">${step.hint}</kbd>`}</button>`;

/** @param {{name: string, steps: any[], ticket: any, isShort?: boolean}} props */
function Menu({ name, steps, ticket, isShort = false }) {
  if (!steps.length) return null;
  return html`<details class="menu step-menu" onToggle=${(/** @type {any} */ event) => event.currentTarget.open && event.currentTarget.querySelector("button")?.focus()}
    onKeyDown=${(/** @type {any} */ event) => { if (event.key === "Escape") { event.currentTarget.open = false; event.currentTarget.querySelector("summary").focus(); } }}
    onFocusOut=${(/** @type {any} */ event) => { if (!event.currentTarget.contains(event.relatedTarget)) event.currentTarget.open = false; }}>
    <summary class=${isShort ? "button icon-only" : "button"}>${isShort ? icon("dots", name) : [name, icon("chevron-down")]}</summary>
    <div class="panel">${steps.map((step) => html`<${StepButton} key=${step.key} step=${step} ticket=${ticket} />`)}</div></details>`;
}

const WIDE_OPEN = "desk-all-steps";
/** Whether every action is shown; a large screen has room for them until somebody says otherwise. */
const showsAll = signal((localStorage.getItem(WIDE_OPEN) ?? String(matchMedia("(min-width: 90rem) and (min-height: 60rem)").matches)) === "true");
function turnAll() {
  showsAll.value = !showsAll.value;
  localStorage.setItem(WIDE_OPEN, String(showsAll.value));
}

/** @param {{ticket: any}} props */
function Steps({ ticket }) {
  const steps = stepsFor(ticket);
  const next = steps.find((step) => step.isNext?.(ticket));
  const main = steps.filter((step) => step.group === "main" && step !== next);
  const more = steps.filter((step) => step.group === "more" && step !== next);
  const crew = steps.filter((step) => step.group === "crew");
  // A role with few steps gets them as buttons; nobody should open a menu for three entries.
  while (main.length + (next ? 1 : 0) < 2 && more.length) main.push(/** @type {any} */ (more.shift()));
  const button = (/** @type {any} */ step) => html`<${StepButton} key=${step.key} step=${step} ticket=${ticket} />`;
  const isAll = showsAll.value;
  return html`<div class="steps" role="toolbar" aria-label=${t("What to do")}>
    ${next && html`<${StepButton} step=${next} ticket=${ticket} isPrimary=${true} />`}
    ${main.map(button)}
    ${!isAll && html`<${Menu} name=${t("For the crew")} steps=${crew} ticket=${ticket} />
    <${Menu} name=${t("More")} isShort=${true} steps=${more} ticket=${ticket} />`}
    ${more.length + crew.length > 0 && html`<button type="button" class="quiet icon-only push" aria-expanded=${isAll} title=${t("All actions with their keys")} onClick=${turnAll}>${icon(isAll ? "chevron-up" : "keyboard", t("All actions with their keys"))}</button>`}
    ${isAll && html`<div class="all-steps">${more.map(button)}${crew.length > 0 && html`<h3>${t("For the crew")}</h3>${crew.map(button)}`}</div>`}
  </div>`;
}

const STANDINGS = () => ({
  border: t("on the border of two grids"), outside: t("outside every grid; the nearest team has it"), not_located: t("not placed yet"),
});

/** Say that a household was marked, with the way back. @param {any} ticket @param {boolean} isFirst */
function marked(ticket, isFirst) {
  const again = () => { loadDetail(ticket.number); pollNow(); };
  const back = () => markFirst(ticket.household.account, !isFirst).then(again, refused);
  say(isFirst ? t("The household is marked: water or help first.") : t("The mark of the household is taken back."), { undo: back });
  again();
}

/** @param {{ticket: any}} props */
function Place({ ticket }) {
  const { place, household } = ticket;
  const standing = /** @type {Record<string, string>} */ (STANDINGS())[place?.standing];
  const given = place?.given;
  return html`<dl class="facts">
    <dt>${t("Place")}</dt><dd>${ticket.address || (isPlaced(ticket) ? t("Pin on the map") : t("Place unknown"))}
      ${isPlaced(ticket) && html`<div class="muted small mono">${place.lat.toFixed(5)}, ${place.lon.toFixed(5)}${given?.datum && given.datum !== "wgs84" && ` · ${given.datum.toUpperCase()} ${given.lat.toFixed(5)}, ${given.lon.toFixed(5)}`}</div>`}</dd>
    <dt>${t("Grid")}</dt><dd>${localName(ticket.grid) || "–"}${ticket.team && html`<span class="muted"> · ${localName(ticket.team)}</span>`}
      ${standing && html`<div class="small toned" data-tone="warn">${icon("alert-triangle")} ${standing}</div>`}</dd>
    ${household && html`<dt>${t("Household")}</dt><dd>${household.name} <span class="muted mono small">${household.account}</span>${household.address && household.address !== ticket.address && html`<div class="muted small">${household.address}</div>`}
      <${FirstMark} key=${`${household.account} ${household.vulnerable}`} household=${household} may=${can("take_call")} onMark=${(/** @type {boolean} */ isFirst) => marked(ticket, isFirst)} /></dd>`}
    ${ticket.description && html`<dt>${t("Said")}</dt><dd class="said">${ticket.description}</dd>`}
    ${ticket.parent && html`<dt>${t("Duplicate of")}</dt><dd><button class="bare link" type="button" onClick=${() => select(ticket.parent)}>${ticket.parent}</button></dd>`}
  </dl>`;
}

const CHANNELS = () => ({
  phone: t("by telephone"), hotline: t("by telephone"), web: t("on the web"), wechat: t("on WeChat"), 12345: "12345",
  open311: t("by another system"), api: t("by another system"), sensor: t("from a sensor"), crew: t("seen by a crew"),
});

/** @param {{reporters: any[]}} props */
function Reporters({ reporters }) {
  if (!reporters.length) return null;
  return html`<section class="pane-part"><h3>${n("%(count)s reporter", "%(count)s reporters", reporters.length)}</h3>
    <ul class="reporters">${reporters.map((each) => html`<li>${icon("user")}<span>${each.name || t("no name")} <span class="mono">${each.phone || ""}</span>
      <span class="muted small"> ${/** @type {Record<string, string>} */ (CHANNELS())[each.channel] ?? each.channel} · ${formatTime(each.received_at)}</span>
      ${each.hazards?.map((/** @type {string} */ words) => html`<div class="small toned" data-tone="danger">${icon("alert-triangle")} ${words}</div>`)}
      ${each.answers?.length > 0 && html`<div class="small answers">${each.answers.join(" ")}</div>`}</span></li>`)}</ul></section>`;
}

/** @param {{visit: any}} props */
function Why({ visit }) {
  const isOpen = useSignal(false);
  const offers = visit?.reasons ?? [];
  const mine = offers.find((/** @type {any} */ offer) => offer.chosen);
  const others = offers.filter((/** @type {any} */ offer) => !offer.chosen);
  const why = [...new Set([...(visit?.why ?? []), ...(mine?.reasons ?? [])])];
  if (!why.length && !visit.override_reason && !others.length) return null;
  return html`<div class="why"><h4>${t("Why this crew")} <span class="muted small">${visit.automatic ? t("chosen by rule") : t("chosen by hand")}</span></h4>
    <ul class="because">${visit.override_reason && html`<li class="toned" data-tone="warn">${t("Another was first: %(reason)s", { reason: visit.override_reason })}</li>`}
      ${why.map((text) => html`<li>${text}</li>`)}</ul>
    ${others.length > 0 && html`<button class="quiet small" type="button" aria-expanded=${isOpen.value} onClick=${() => (isOpen.value = !isOpen.value)}>${icon(isOpen.value ? "chevron-up" : "chevron-down")}${n("%(count)s other crew", "%(count)s other crews", others.length)}</button>`}
    ${isOpen.value && html`<ul class="others">${others.map((/** @type {any} */ offer) => html`<li data-out=${Boolean(offer.excluded_by)}><b>${crewNamed(offer.crew)}</b> <span class="muted">${offer.reasons.join(" · ")}</span></li>`)}</ul>`}
  </div>`;
}

/** What a crew on site said last of how much longer it needs. @param {any} visit @param {any[]} events */
function timeLeft({ arrived_at: since, crew }, events) {
  const told = since && events.findLast((each) => each.kind === "time_left" && each.crew === crew?.name && Date.parse(each.effective_at) >= Date.parse(since));
  if (!told) return "";
  const at = new Date(Date.parse(told.effective_at) + told.facts.minutes * 60_000).toISOString();
  return ` · ${t("says it is done at about %(time)s", { time: formatTime(at) })}`;
}

/** @param {{ticket: any, events: any[]}} props */
function CrewPart({ ticket, events }) {
  const visits = ticket.visits ?? [];
  const lead = leadOf(ticket);
  const shown = lead ?? visits.at(-1);
  if (!shown) {
    return ticket.state === "closed" ? null : html`<section class="pane-part"><h3>${t("Crew")}</h3><${Pinned} ticket=${ticket} events=${events} /><p class="muted">${t("No crew yet.")} ${!isPlaced(ticket) && t("Place the ticket first; then the nearest crew is chosen.")}</p><${WhyWaits} ticket=${ticket} events=${events} /></section>`;
  }
  const minutes = shown.eta_at && !shown.arrived_at ? Math.ceil((Date.parse(shown.eta_at) - now.value) / 60_000) : null;
  return html`<section class="pane-part"><h3>${t("Crew")}${visits.length > 1 && html` <span class="muted small">${n("%(count)s visit", "%(count)s visits", visits.length)}</span>`}</h3><${Pinned} ticket=${ticket} events=${events} />
    <div class="crew-line"><span class="crew-mark">${icon("truck")}</span><div><b>${localName(shown.crew)}</b> <span class="muted">${shown.crew?.vehicle ?? ""}</span>
      <div class="small muted">${shown.state_name}${shown.arrived_at && ` · ${t("on site since %(time)s", { time: formatTime(shown.arrived_at) })}`}${lead && timeLeft(shown, events)}</div></div>
      ${minutes !== null && lead && html`<span class="crew-eta">${minutes >= 0 ? html`<b class="number">${minutes}</b> ${t("min")}` : ""}<small class="muted">${minutes >= 0 ? t("there at %(time)s", { time: formatTime(shown.eta_at) }) : t("was expected at %(time)s", { time: formatTime(shown.eta_at) })}</small></span>`}</div>
    <${ExpectedLate} ticket=${ticket} />${lead && html`<${ArrivalBasis} visit=${lead} />`}${!lead && html`<${WhyWaits} ticket=${ticket} events=${events} />`}
    <${Evidence} visit=${shown} /><${Why} visit=${shown} /></section>`;
}

/** @param {{ticket: any}} props */
function Header({ ticket }) {
  return html`<header class="ticket-head">
    <div class="row"><span class="muted number ticket-number">${ticket.number}</span><${State} state=${ticket.state} name=${ticket.state_name} />
      ${ticket.storm && html`<span class="badge" data-tone="danger">${icon("bolt")}${t("storm")}</span>`}
      ${ticket.household?.vulnerable && badge(t("household first"), "warn", "star")}<${Kind} ticket=${ticket} />${ticket.pinned && badge(t("pinned"), "neutral", "pin")}
      <span class="push"><${Countdown} ticket=${ticket} /></span></div>
    <h2 class="ticket-title" tabindex="-1"><${LevelChip} level=${ticket.level} />${ticket.category_name}</h2>
    <p class="ticket-sub muted"><span>${ticket.address || (isPlaced(ticket) ? t("Pin on the map") : t("Place unknown"))}</span>
      <span class="nowrap" title=${formatDateTime(ticket.received_at)}>${t("received %(ago)s", { ago: formatAgo(ticket.received_at, now.value) })}</span></p>
    <${Viewers} number=${ticket.number} />
  </header>`;
}

function NoTicket() {
  const refusal = detail.value?.refusal;
  if (selected.value && refusal) return html`<div class="empty">${icon("alert-triangle")}<h2>${selected.value}</h2><p>${refusal.message}</p><button type="button" onClick=${() => select(null)}>${t("Back to the queue")}</button></div>`;
  if (selected.value) return html`<div class="pane-skeleton" aria-hidden="true"><div class="skeleton"></div><div class="skeleton"></div><div class="skeleton"></div><div class="skeleton"></div></div>`;
  return html`<div class="empty">${icon("list")}<h2>${t("Choose a ticket")}</h2><p>${t("Click one in the list or on the map, or press")} <kbd>j</kbd></p></div>`;
}

export function TicketPane() {
  const ticket = chosen.value;
  const number = selected.value;
  // A remark or a warning changes the story and not the version.
  const changedAt = number ? tickets.value.get(number)?.changed_at : undefined;
  const known = detail.value?.ticket;
  useEffect(() => {
    if (!number) return undefined;
    if (known?.number === number && changedAt !== undefined && known.changed_at >= changedAt) return undefined;
    const wait = setTimeout(() => loadDetail(number), known?.number === number ? 0 : 90);
    return () => clearTimeout(wait);
  }, [number, changedAt, known?.number]);
  if (!ticket) return html`<${NoTicket} />`;
  const story = known?.number === ticket.number ? detail.value : null;
  const reporters = story?.reports ?? [];
  return html`<article class="ticket" aria-label=${ticket.number}>
    <${Header} ticket=${ticket} /><${Steps} ticket=${ticket} />
    <div class="ticket-body" tabindex="0">
      <section class="pane-part"><h3>${t("Promises")}</h3><${HeldUntil} ticket=${ticket} /><${HandsOver} ticket=${ticket} /><${Disputed} events=${story?.events ?? []} /><${StageBar} ticket=${ticket} events=${story?.events ?? []} /><${Promises} ticket=${ticket} /></section>
      <${CrewPart} ticket=${ticket} events=${story?.events ?? []} />
      ${story && html`<${Tasks} ticket=${ticket} tasks=${story.tasks ?? []} />`}
      <${Holders} held=${story?.held} />
      <section class="pane-part"><h3>${t("Place and household")}</h3><${Place} ticket=${ticket} /></section>
      <${Reporters} reporters=${reporters} />
      ${story && html`<${Photos} key=${`photos ${ticket.number}`} ticket=${ticket} events=${story.events} />`}
      ${story && can("see_desk") && html`<${Similar} key=${`near ${ticket.number}`} ticket=${ticket} />`}
      <section class="pane-part"><h3>${t("Story")}</h3>${story ? html`<${Story} key=${`story ${ticket.number}`} ticket=${ticket} events=${story.events} />` : html`<div class="skeleton story-skeleton"></div>`}</section>
    </div></article>`;
}
