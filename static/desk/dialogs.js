/* What does a step ask before it is taken, and which crew is to go? */
import { html, useEffect, useLayoutEffect, useRef, useSignal } from "/static/vendor/preact.js";
import { formatTime, localName, n, t, timeZone } from "/static/shared/i18n.js";
import { badge, icon } from "/static/shared/icon.js";
import { readCandidates, readLosses } from "./api.js";
import { BulkForm, BulkUndo, PasteForm } from "./bulk_dialog.js";
import { CallForm } from "./calling.js";
import { lossWords } from "./coverage.js";
import { Conflict, onlyMine, WaysOut } from "./conflict.js";
import { loadDetail } from "./live.js";
import { chosen, crewNamed, dialog, queue, tickets } from "./store.js";
import { take } from "./steps.js";
import { KeySheet } from "./keys.js";
import { Palette } from "./palette.js";
import { StaleTask } from "./task_conflict.js";
import { HoldEnd } from "./holding.js";

/** The instant that a wall clock in the utility's zone shows as `2026-03-02T17:30`. @param {string} wall */
export function instantOf(wall) {
  const guess = Date.parse(`${wall}Z`);
  const shown = new Date(guess).toLocaleString("sv-SE", { timeZone }).replace(" ", "T");
  return new Date(guess - (Date.parse(`${shown}Z`) - guess)).toISOString();
}

/** @param {{field: any, fault?: string}} props */
function Field({ field, fault }) {
  const id = `step-${field.name}`;
  const common = { id, name: field.name, required: field.required, "aria-invalid": fault ? "true" : undefined };
  const label = html`<label for=${id}>${field.label}${!field.required && html` <span class="muted">${t("(optional)")}</span>`}</label>`;
  if (field.kind === "choice") {
    return html`<fieldset class="field"><legend>${field.label}</legend>
      ${field.options.map(([/** @type {any} */ key, /** @type {string} */ name]) => html`<label class="choice"><input type="radio" name=${field.name} value=${key} required=${field.required} defaultChecked=${field.value === key} />${name}</label>`)}
      ${fault && html`<span class="error">${fault}</span>`}</fieldset>`;
  }
  const input = {
    textarea: () => html`<textarea ...${common} rows="3" maxlength="2000" defaultValue=${field.value ?? ""}></textarea>`,
    select: () => html`<select ...${common}>${field.options.map(([/** @type {any} */ key, /** @type {string} */ name]) => html`<option value=${key} selected=${field.value === key}>${name}</option>`)}</select>`,
    millimetres: () => html`<input ...${common} type="number" min="1" max="5000" defaultValue=${field.value ?? ""} />`,
    line: () => html`<input ...${common} maxlength="100" defaultValue=${field.value ?? ""} />`,
    instant: () => html`<input ...${common} type="datetime-local" step="1" />`,
    ticket: () => html`<input ...${common} list="open-tickets" autocomplete="off" placeholder="W000012" /><datalist id="open-tickets">
      ${queue.value.slice(0, 200).map((ticket) => ticket.number !== chosen.value?.number && html`<option value=${ticket.number}>${ticket.category_name} · ${ticket.address}</option>`)}</datalist>`,
  }[/** @type {"textarea"} */ (field.kind)];
  return html`<div class="field">${label}${input()}${field.kind === "instant" && html`<span class="hint">${timeZone}</span>`}${fault && html`<span class="error">${fault}</span>`}</div>`;
}

/** @param {HTMLFormElement} form @param {any[]} fields */
export function valuesOf(form, fields) {
  /** @type {Record<string, unknown>} */
  const values = {};
  for (const field of fields) {
    const text = String(new FormData(form).get(field.name) ?? "").trim();
    if (!text) continue;
    if (field.kind === "instant") values[field.name] = instantOf(text);
    else values[field.name] = ["level", "pipe_mm", "team_id", "crew_id", "to_crew_id", "minutes"].includes(field.name) ? Number(text) : text;
  }
  return values;
}

/**
 * Run a step from a dialog on the ticket as it was when the dialog was opened: busy, then closed, or refused with the
 * sentence beside the field. Where somebody changed the ticket meanwhile, `conflict` is what is said, and `run` with a
 * newer ticket applies the step to that.
 * @param {any} seen
 */
export function useStep(seen) {
  const busy = useSignal(false);
  const refusal = useSignal(/** @type {any} */ (null));
  const attempt = useSignal(/** @type {any} */ (null));
  /** @param {any} ticket @param {string} key @param {Record<string, unknown>} values @param {any[]} [fields] */
  const run = async (ticket, key, values, fields = []) => {
    if (busy.value) return;
    busy.value = true;
    try {
      await take(ticket, key, values);
      dialog.value = null;
    } catch (fault) {
      refusal.value = fault;
      attempt.value = { key, values, fields };
      if (/** @type {any} */ (fault).status === 409) loadDetail(ticket.number);
    } finally {
      busy.value = false;
    }
  };
  const isStale = refusal.value?.code === "stale";
  return { busy, refusal, run, attempt, isStale, seen: useRef(seen).current };
}

/** Why a step was refused; where somebody was faster, both values. @param {{of: any, step: any, ticket: any}} props */
export function Refusals({ of, step, ticket }) {
  if (!of.isStale) return html`<${Refused} refusal=${of.refusal.value} />`;
  return html`<${Conflict} seen=${of.seen} ticket=${ticket} attempt=${{ step, ...of.attempt.value }} refusal=${of.refusal.value} />`;
}

/** Whether the newest picture is there that a refusal speaks of. @param {any} ticket @param {any} refusal */
export const isNewest = (ticket, refusal) => ticket.version >= (refusal?.facts?.version ?? 0);

/** @param {{refusal: any}} props */
export const Refused = ({ refusal }) => refusal && html`<p class="banner" data-tone=${refusal.code === "stale" ? "warn" : "danger"} role="alert">${icon("alert-triangle")}<span>${refusal.message}</span></p>`;

/** @param {{ask: any, ticket: any}} props */
function StepForm({ ask, ticket }) {
  const of = useStep(ask.seen);
  const { busy, refusal, run, isStale, seen } = of;
  // As they were when the form was opened: a colleague's change must not alter what is typed.
  const fields = useRef(ask.step.fields(seen)).current;
  const reason = useSignal("");
  const send = (/** @type {any} */ event) => {
    event.preventDefault();
    const values = valuesOf(event.target, fields);
    run(isStale ? ticket : seen, ask.step.key, ask.step.isPartial ? onlyMine(values, fields) : values, fields);
  };
  return html`<form onChange=${(/** @type {any} */ event) => { if (event.target.name === "reason") reason.value = event.target.value; }} onSubmit=${send}>
    <${Head} title=${ask.step.name(seen)} ticket=${ticket} />
    <div class="body stack">${fields.map((/** @type {any} */ field) => html`<${Field} key=${field.name} field=${field} fault=${refusal.value?.fields?.[field.name]} />`)}
      ${ask.step.key === "hold" && html`<${HoldEnd} reason=${reason} />`}
      <${Refusals} of=${of} step=${ask.step} ticket=${ticket} /></div>
    <footer>${isStale ? html`<${WaysOut} busy=${busy.value} ready=${isNewest(ticket, refusal.value)} onDrop=${close} />`
      : html`<button type="button" onClick=${close}>${t("Back")}</button>
      <button class=${`primary ${ask.step.tone ?? ""}`} disabled=${busy.value}>${ask.step.name(seen)}</button>`}</footer>
  </form>`;
}

/** A step without a form that met a change: apply it anyway, or drop it. @param {{ask: any, ticket: any}} props */
function StaleForm({ ask, ticket }) {
  const of = useStep(ask.seen);
  const refusal = of.refusal.value ?? ask.refusal;
  const attempt = { step: ask.step, values: ask.values };
  return html`<${Head} title=${ask.step.name(of.seen)} ticket=${ticket} />
    <div class="body stack">${refusal.code === "stale" ? html`<${Conflict} seen=${of.seen} ticket=${ticket} attempt=${attempt} refusal=${refusal} />` : html`<${Refused} refusal=${refusal} />`}</div>
    <footer><${WaysOut} busy=${of.busy.value} ready=${isNewest(ticket, refusal)} onDrop=${close} onApply=${() => of.run(ticket, ask.step.key, ask.values)} /></footer>`;
}

/** @param {{title: string, ticket: any}} props */
export const Head = ({ title, ticket }) => html`<header><div><h2>${title}</h2><span class="muted small">${ticket.number} · ${ticket.category_name}${ticket.address && ` · ${ticket.address}`}</span></div>
  <button class="quiet icon-only" type="button" onClick=${close}>${icon("x", t("Close"))}</button></header>`;

/** @param {{offer: any, loss: any, isOpen: boolean, isHere: boolean, onSend: () => void, busy: boolean}} props */
function Candidate({ offer, loss, isOpen, isHere, onSend, busy }) {
  const minutes = offer.eta_seconds === null || offer.eta_seconds === undefined ? null : Math.ceil(offer.eta_seconds / 60);
  return html`<li class="candidate" data-out=${Boolean(offer.excluded_by)}>
    <span class="candidate-eta">${minutes === null ? "–" : html`<b class="number">${minutes}</b><small>${t("min")}</small>`}</span>
    <div class="candidate-what"><span class="row"><b>${crewNamed(offer.crew)}</b>
      ${offer.is_best && badge(t("Best choice"), "accent", "star")}
      ${offer.makes_promise === true && badge(t("in time"), "good", "check")}
      ${offer.makes_promise === false && badge(t("too late"), "danger", "alert-octagon")}
      ${offer.arrives_at && html`<span class="muted small number">${t("there at %(time)s", { time: formatTime(offer.arrives_at) })}</span>`}</span>
      <ul class="because">${(offer.reasons ?? []).map((/** @type {string} */ text) => html`<li>${text}</li>`)}</ul>
      ${loss && !offer.excluded_by && !isHere && html`<p class="loss toned" data-tone="warn">${icon("alert-triangle")}<span>${lossWords(loss)}</span></p>`}</div>
    ${isHere ? html`<span class="muted small">${t("on this ticket")}</span>` : html`<button type="button" class=${offer.is_best ? "primary" : ""} disabled=${busy} aria-expanded=${isOpen} onClick=${onSend}>${icon("send")}${t("Send")}</button>`}
  </li>`;
}

/** @param {{ask: any, ticket: any}} props */
function DispatchForm({ ask, ticket }) {
  const of = useStep(ask.seen);
  const { busy, refusal, run, isStale, seen } = of;
  const offers = useSignal(/** @type {any[] | null} */ (null));
  const travelNote = useSignal(/** @type {string | null} */ (null));
  const plannerNote = useSignal(/** @type {string | null} */ (null));
  const losses = useSignal(/** @type {Map<number, any>} */ (new Map()));
  const other = useSignal(/** @type {any} */ (null));
  const why = useRef(/** @type {HTMLInputElement | null} */ (null));
  useEffect(() => {
    readCandidates(ticket.number).then((found) => { offers.value = found.candidates; travelNote.value = found.travel_note; plannerNote.value = found.planner_note; }, (fault) => (refusal.value = fault));
    // The list is whole without it: a choice must not wait for what it takes away elsewhere.
    readLosses().then((found) => (losses.value = found), () => {});
  }, [ticket.number]);
  useLayoutEffect(() => why.current?.focus(), [other.value]);
  useEffect(() => { /** @type {HTMLElement | null} */ (document.querySelector(".candidate button"))?.focus(); }, [Boolean(offers.value)]);
  const send = (/** @type {any} */ offer) => {
    if (offer.is_best) run(seen, "dispatch", { crew_id: offer.crew_id });
    else other.value = offer;
  };
  const override = (/** @type {any} */ event) => {
    event.preventDefault();
    run(seen, "dispatch", { crew_id: other.value.crew_id, override_reason: why.current?.value.trim() });
  };
  const able = offers.value?.filter((offer) => !offer.excluded_by).length ?? 0;
  return html`<${Head} title=${ticket.crew ? t("Send another crew") : t("Send a crew")} ticket=${ticket} />
    <div class="body stack candidates">
      ${ticket.crew && html`<p class="muted">${t("%(crew)s is called back when another goes.", { crew: localName(ticket.crew) })}</p>`}
      <${Refusals} of=${of} step=${ask.step} ticket=${ticket} />
      ${!offers.value && !refusal.value && html`<div class="skeleton candidate-skeleton"></div><div class="skeleton candidate-skeleton"></div><div class="skeleton candidate-skeleton"></div>`}
      ${offers.value && html`<p class="muted small">${able ? n("%(count)s crew can go", "%(count)s crews can go", able) : t("By the rules nobody can go now. You may still send a crew, with a reason.")} · ${ticket.arrive_due_at && t("promised by %(time)s", { time: formatTime(ticket.arrive_due_at) })}</p>
      ${travelNote.value && html`<p class="small toned" data-tone="warn">${icon("alert-triangle")} ${travelNote.value}</p>`}
      ${plannerNote.value && html`<p class="pinned-note small">${icon("pin")}<span>${plannerNote.value}</span></p>`}
      <ol>${offers.value.map((offer) => html`<${Candidate} key=${offer.crew_id} offer=${offer} loss=${losses.value.get(offer.crew_id)} busy=${busy.value} isHere=${offer.crew_id === ticket.crew?.id} isOpen=${other.value === offer} onSend=${() => send(offer)} />`)}</ol>`}
      ${offers.value?.length === 0 && html`<p>${t("There is no crew. Ask an administrator to add one.")}</p>`}
    </div>
    ${isStale && html`<footer><${WaysOut} busy=${busy.value} ready=${isNewest(ticket, refusal.value)} onDrop=${close} onApply=${() => run(ticket, "dispatch", of.attempt.value.values)} /></footer>`}
    ${other.value && !isStale && html`<footer><form class="override" onSubmit=${override}><div class="field"><label for="override-why">${t("Why %(crew)s and not the best choice?", { crew: crewNamed(other.value.crew) })}</label>
      <input id="override-why" ref=${why} required maxlength="300" /></div><button class="primary" disabled=${busy.value}>${t("Send anyway")}</button></form></footer>`}`;
}

export function close() {
  dialog.value = null;
}

/** The browser's own event comes a moment later, when the next key may be there already. @param {KeyboardEvent} event */
function escaped(event) {
  if (event.key !== "Escape" || event.isComposing) return;
  event.preventDefault();
  close();
}

/** The one dialog of the desk; what is in it depends on what was asked for. */
export function Dialogs() {
  const element = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const ask = dialog.value;
  useLayoutEffect(() => {
    if (ask && !element.current?.open) {
      element.current?.showModal();
      /** @type {HTMLElement | null | undefined} */ (element.current?.querySelector("input, textarea, select, .candidate button"))?.focus();
    } else if (!ask) element.current?.close();
  }, [ask]);
  const listed = ask?.number ? tickets.value.get(ask.number) : null;
  const ticket = (chosen.value?.number === ask?.number ? chosen.value : listed) ?? ask?.seen;
  // The event of a close comes a moment after it, when the next key may have opened another already.
  const closed = () => { if (dialog.value === ask && !element.current?.open) close(); };
  return html`<dialog ref=${element} class=${`dialog ${ask?.kind ?? ""}`} onKeyDown=${escaped} onClose=${closed} onClick=${(/** @type {any} */ event) => event.target === element.current && close()}>
    ${ask?.kind === "keys" && html`<${KeySheet} close=${close} />`}
    ${ask?.kind === "palette" && html`<${Palette} close=${close} words=${ask.words} />`}
    ${ask?.kind === "dispatch" && ticket && html`<${DispatchForm} key=${ask.number} ask=${ask} ticket=${ticket} />`}
    ${ask?.kind === "bulk" && html`<${BulkForm} key=${ask.step} step=${ask.step} />`}
    ${ask?.kind === "bulk-undo" && html`<${BulkUndo} key="undo" rows=${ask.rows} />`}
    ${ask?.kind === "bulk-paste" && html`<${PasteForm} />`}
    ${ask?.kind === "call-back" && ticket && html`<${CallForm} key=${ask.number} ask=${ask} ticket=${ticket} />`}
    ${ask?.kind === "step" && ticket && html`<${StepForm} key=${ask.number + ask.step.key} ask=${ask} ticket=${ticket} />`}
    ${ask?.kind === "stale-task" && html`<${StaleTask} key=${ask.seen.id} ask=${ask} />`}
    ${ask?.kind === "stale" && ticket && html`<${StaleForm} key=${ask.number + ask.step.key} ask=${ask} ticket=${ticket} />`}
  </dialog>`;
}
