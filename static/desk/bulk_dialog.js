/* What is asked before a step for many, what would come of it, and what became of each ticket? */
import { html, signal, useEffect, useRef, useSignal } from "/static/vendor/preact.js";
import { localName, n, t } from "/static/shared/i18n.js";
import { badge, icon } from "/static/shared/icon.js";
import { readLosses } from "./api.js";
import { BULK_STEPS, numbersIn, pick, picked } from "./bulk.js";
import { foresee, LONGEST, messageOf, Recipients, TEXT_LABELS } from "./bulk_message.js";
import { copyRows, OUTCOMES, saveRows } from "./bulk_table.js";
import { isRunning, runBulk, stopBulk, undoOf } from "./bulk_run.js";
import { lossWords } from "./coverage.js";
import { dialog, dismiss, fade, FOR_UNDO, say, tickets } from "./store.js";

/** @typedef {Record<string, any>} Row */

const MOST = 200;
const SENDS = new Set(["dispatch", "redispatch"]);
const close = () => {
  stopBulk();
  dialog.value = null;
};

/** @param {{title: string}} props */
const Head = ({ title }) => html`<header><h2>${title}</h2><button class="quiet icon-only" type="button" onClick=${close}>${icon("x", t("Close"))}</button></header>`;

/** @param {{fault: any}} props */
const Fault = ({ fault }) => fault && html`<p class="banner" data-tone="danger" role="alert">${icon("alert-triangle")}<span>${Object.values(fault.fields ?? {})[0] ?? fault.message}</span></p>`;

/** Numbers from elsewhere: what is none of ours is named before anything is done. */
export function PasteForm() {
  const text = useSignal("");
  const { numbers, others } = numbersIn(text.value);
  const unknown = numbers.filter((number) => !tickets.value.has(number));
  const take = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!numbers.length) return;
    pick(numbers);
    dialog.value = null;
  };
  return html`<form onSubmit=${take}><${Head} title=${t("Paste numbers")} />
    <div class="body stack"><div class="field"><label for="bulk-numbers">${t("Numbers of tickets, with commas or one a line")}</label>
      <textarea id="bulk-numbers" rows="6" placeholder="W000012, W000015" onInput=${(/** @type {any} */ event) => (text.value = event.target.value)}></textarea></div>
      <div role="status" class="stack tight">${numbers.length > 0 && html`<p>${n("%(count)s number", "%(count)s numbers", numbers.length)}</p>`}
      ${unknown.length > 0 && html`<p class="toned" data-tone="warn">${icon("alert-triangle")} ${t("Not in the list: ended, not yours, or unknown: %(numbers)s", { numbers: unknown.join(", ") })}</p>`}
      ${others.length > 0 && html`<p class="toned" data-tone="danger">${icon("circle-x")} ${t("No numbers of tickets: %(words)s", { words: others.join(", ") })}</p>`}</div></div>
    <footer><button type="button" onClick=${close}>${t("Back")}</button><button class="primary" disabled=${!numbers.length}>${t("Pick these")}</button></footer></form>`;
}

const LABELS = /** @type {Record<string, () => string>} */ ({ reason: () => t("Reason"), note: () => t("Note"), into: () => t("Number of the ticket that stays") });

/** One language of a message. @param {{name: string, fault: any, was: string}} props */
const TextField = ({ name, fault, was }) => html`<div class="field"><label for=${`bulk-${name}`}>${TEXT_LABELS[name]()}</label>
  <textarea id=${`bulk-${name}`} name=${name} lang=${name} rows="3" maxlength=${LONGEST} defaultValue=${was} aria-invalid=${fault?.fields?.texts ? "true" : undefined}></textarea></div>`;

/** @param {{name: string, fault: any}} props */
function Field({ name, fault }) {
  const common = { id: `bulk-${name}`, name, required: true, "aria-invalid": fault?.fields?.[name] ? "true" : undefined };
  return html`<div class="field"><label for=${common.id}>${LABELS[name]()}</label>
    ${name === "into" ? html`<input ...${common} list="bulk-tickets" autocomplete="off" placeholder="W000012" /><datalist id="bulk-tickets">
      ${[...picked.value].slice(0, MOST).map((number) => html`<option value=${number}>${tickets.value.get(number)?.category_name ?? ""} · ${tickets.value.get(number)?.address ?? ""}</option>`)}</datalist>`
    : html`<textarea ...${common} rows="3" maxlength=${name === "note" ? 2000 : 300}></textarea>`}</div>`;
}

/** @param {{rows: Row[], isPreview?: boolean}} props */
const Table = ({ rows, isPreview = false }) => html`<div class="table-scroll bulk-rows" tabindex="0" role="region" aria-label=${t("Result of each ticket")}><table class="table">
  <thead><tr><th scope="col">${t("Ticket")}</th><th scope="col">${t("Result")}</th></tr></thead>
  <tbody>${rows.map((row, at) => {
    const [tone, picture, name] = OUTCOMES[row.outcome](isPreview);
    return html`<tr key=${at}><th scope="row"><span class="number">${row.number}</span> <span class="muted small">${[row.category_name, row.address].filter(Boolean).join(" · ")}</span></th>
      <td>${badge(name, tone, picture)} ${row.crew && html`<span class="nowrap">${icon("truck")} ${localName(row.crew)}</span>`}${row.recipients && html`<span class="nowrap muted">${n("%(count)s reporter", "%(count)s reporters", row.recipients)}</span>`}${row.message && html`<div class="small">${row.message}</div>`}</td></tr>`;
  })}</tbody></table></div>`;

/** What the crews that go take away elsewhere, the worst first. @param {{rows: Row[]}} props */
function Losses({ rows }) {
  const losses = useSignal(/** @type {any[]} */ ([]));
  useEffect(() => { readLosses().then((found) => (losses.value = rows.map((row) => found.get(row.crew?.id)).filter(Boolean)), () => {}); }, [rows]);
  const worst = [...losses.value].sort((one, other) => (other.before - other.after) - (one.before - one.after)).slice(0, 3);
  return worst.length > 0 && html`<div class="stack tight">${worst.map((loss) => html`<p class="loss toned" data-tone="warn">${icon("alert-triangle")}<span>${lossWords(loss)}</span></p>`)}</div>`;
}

/** @param {{rows: Row[]}} props */
const Count = ({ rows }) => {
  const done = rows.filter((row) => row.outcome === "done").length;
  return html`<p role="status"><b>${t("%(done)s of %(all)s can be done.", { done, all: rows.length })}</b>${done < rows.length && html` ${t("The others are left as they are; each says why.")}`}</p>`;
};

/** How far it is: known so far, of all. */
export const progress = signal({ at: 0, of: 0 });

const Bar = () => html`<div class="bulk-progress" role="status"><progress value=${progress.value.at} max=${progress.value.of || 1} aria-label=${t("How far it is")}></progress>
  <span class="number">${progress.value.at} / ${progress.value.of}</span></div>`;

/** @param {{rows: Row[], isUndone?: boolean, undo?: (() => void) | null}} props */
function Result({ rows, isUndone = false, undo }) {
  const done = rows.filter((row) => row.outcome === "done").length;
  return html`<div class="body stack">${isRunning.value && html`<${Bar} />`}
    <p role="status"><b>${isUndone ? t("Undone: %(done)s of %(all)s.", { done, all: rows.length }) : t("Done: %(done)s of %(all)s.", { done, all: rows.length })}</b></p>
    <${Table} rows=${rows} /></div>
    <footer>${isRunning.value ? html`<button type="button" onClick=${stopBulk}>${icon("player-pause")}${t("Stop here")}</button>` : html`
      <button type="button" class="quiet" onClick=${() => copyRows(rows)}>${icon("copy")}${t("Copy")}</button>
      <button type="button" class="quiet" onClick=${() => saveRows(rows)}>${icon("download")}CSV</button>
      ${undo && html`<button type="button" data-undo aria-keyshortcuts="u" onClick=${undo}>${icon("arrow-back-up")}${t("Undo")} <kbd>u</kbd></button>`}
      <button type="button" class="primary" onClick=${close}>${t("Done")}</button>`}</footer>`;
}

/** Take back what a step did to many, row by row. @param {{rows: Row[]}} props */
export function BulkUndo({ rows }) {
  const result = useSignal(/** @type {Row[]} */ ([]));
  useEffect(() => {
    undoOf(rows, progress, (found) => (result.value = found)).catch((refusal) => say(refusal.message, { tone: "danger" }));
  }, []);
  return html`<${Head} title=${t("Undo")} /><${Result} rows=${result.value} isUndone=${true} />`;
}

/** Offer the way back of a step for many as that of one is offered: a line with a button, and the key. */
function useWayBack() {
  const key = useSignal(0);
  // It stays as long as the result is looked at, and then as long as any other.
  useEffect(() => () => { if (key.peek()) fade(key.peek(), FOR_UNDO); }, []);
  /** @param {string} title @param {Row[]} rows */
  const offer = (title, rows) => {
    const done = rows.filter((row) => row.outcome === "done");
    if (!done.some((row) => row.undo)) return;
    const take = () => (dialog.value = { kind: "bulk-undo", rows: done });
    key.value = say(`${title} · ${t("Done: %(done)s of %(all)s.", { done: done.length, all: rows.length })}`, { undo: take, stays: true });
  };
  const undo = (/** @type {Row[]} */ rows) => {
    dismiss(key.value);
    dialog.value = { kind: "bulk-undo", rows: rows.filter((row) => row.outcome === "done") };
  };
  return { offer, undo: key.value ? undo : null };
}

/** One step for what is picked: its values, what would come of it, what became of it. @param {{step: string}} props */
export function BulkForm({ step }) {
  const known = /** @type {typeof BULK_STEPS[0]} */ (BULK_STEPS.find((each) => each.key === step));
  const numbers = useRef([...picked.value]).current;
  const shown = useSignal(/** @type {Row[] | null} */ (null));
  const result = useSignal(/** @type {Row[] | null} */ (null));
  const recipients = useSignal(/** @type {any} */ (null));
  const back = useWayBack();
  const fault = useSignal(/** @type {any} */ (null));
  const args = useRef(/** @type {Record<string, any>} */ ({}));
  const preview = async () => {
    fault.value = null;
    const named = numbers.filter((number) => number !== args.current.into).map((number) => ({ number, version: tickets.value.get(number)?.version ?? null }));
    try {
      if (step === "message") {
        recipients.value = await foresee(/** @type {any} */ (args.current), numbers);
        shown.value = recipients.value.rows;
      } else shown.value = await runBulk({ step, ...args.current, preview: true }, named, progress);
    } catch (refusal) {
      fault.value = refusal;
    }
  };
  useEffect(() => { if (!known.fields.length && numbers.length <= MOST) preview(); }, []);
  const asked = (/** @type {any} */ event) => {
    event.preventDefault();
    args.current = Object.fromEntries(known.fields.map((name) => {
      const text = String(new FormData(event.target).get(name) ?? "").trim();
      return [name, name === "into" ? (numbersIn(text).numbers[0] ?? text) : text];
    }));
    if (step === "message") args.current = messageOf(args.current);
    preview();
  };
  const send = async () => {
    const able = (shown.value ?? []).filter((row) => row.outcome === "done");
    const left = (shown.value ?? []).filter((row) => row.outcome !== "done");
    const named = able.map(({ number, version }) => ({ number, version }));
    result.value = [];
    try {
      await runBulk({ step, ...args.current }, named, progress, (rows) => (result.value = rows));
    } catch (refusal) {
      say(/** @type {Error} */ (refusal).message, { tone: "danger" });
    }
    const came = new Set(result.value.map((row) => row.number));
    const unsent = able.filter((row) => !came.has(row.number)).map((row) => ({ ...row, outcome: "unsent", crew: null }));
    result.value = [...result.value, ...left, ...unsent];
    pick(result.value.filter((row) => !["done", "repeated", "not_found"].includes(row.outcome)).map((row) => row.number));
    back.offer(known.name(), result.value);
  };
  const title = known.name();
  const undo = back.undo && (() => back.undo?.(result.value ?? []));
  if (result.value) return html`<${Head} title=${title} /><${Result} rows=${result.value} undo=${undo} />`;
  // What was typed into a message is there again.
  const again = () => (step === "message" ? (shown.value = null) : close());
  const able = shown.value?.filter((row) => row.outcome === "done").length ?? 0;
  if (numbers.length > MOST) {
    return html`<${Head} title=${title} /><div class="body stack"><p class="banner" data-tone="warn" role="alert">${icon("alert-triangle")}<span>${t("At most %(most)s tickets at once. Narrow the list first.", { most: MOST })}</span></p></div>
      <footer><button type="button" onClick=${close}>${t("Back")}</button></footer>`;
  }
  if (shown.value) {
    return html`<${Head} title=${title} /><div class="body stack"><${Count} rows=${shown.value} />${SENDS.has(step) && html`<p class="muted small">${t("Each crew is chosen at the moment of sending; it may be another by then.")}</p>`}${recipients.value ? html`<${Recipients} found=${recipients.value} />` : html`<${Losses} rows=${shown.value} />`}<${Table} rows=${shown.value} isPreview=${true} /></div>
      <footer><button type="button" onClick=${again}>${t("Back")}</button><button type="button" class=${`primary ${known.tone ?? ""}`} disabled=${!able} onClick=${send}>${icon(known.icon)}${known.name()} (${able})</button></footer>`;
  }
  return html`<form onSubmit=${asked}><${Head} title=${title} /><div class="body stack">
      <p>${n("%(count)s ticket is picked", "%(count)s tickets are picked", numbers.length)}</p><${Fault} fault=${fault.value} />
      ${known.fields.map((name) => (step === "message" ? html`<${TextField} key=${name} name=${name} fault=${fault.value} was=${args.current.texts?.[name] ?? ""} />` : html`<${Field} key=${name} name=${name} fault=${fault.value} />`))}
      ${isRunning.value && html`<${Bar} />`}</div>
    <footer><button type="button" onClick=${close}>${t("Back")}</button><button class="primary" disabled=${isRunning.value}>${t("See what comes of it")}</button></footer></form>`;
}
