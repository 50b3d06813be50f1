/* What did somebody else do to a task while one was moving it, and whose value is to stay? */
import { html, useSignal } from "/static/vendor/preact.js";
import { formatDateTime, localName, t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";
import { takeTaskStep } from "./api.js";
import { BothValues, WaysOut } from "./conflict.js";
import { loadDetail, pollNow } from "./live.js";
import { crews, detail, dialog, facts } from "./store.js";

/** @typedef {Record<string, any>} Task */

const NOTHING = "–";
/** The state that a step is after. @type {Record<string, string>} */
const AIMS = { start: "in_progress", finish: "done", refuse: "refused", cancel: "cancelled" };

/** @type {() => [string, string, (task: Task) => string][]} */
const PARTS = () => [
  ["state", t("State"), (task) => task.state_name],
  ["department", t("Department"), (task) => task.department || NOTHING],
  ["crew", t("Crew"), (task) => localName(task.crew) || NOTHING],
  ["person", t("Person"), (task) => task.person || NOTHING],
  ["due", t("Due"), (task) => (task.due_at ? formatDateTime(task.due_at) : NOTHING)],
];

/** What one wants, by row. @param {string} key @param {Record<string, any>} values @returns {Record<string, string | undefined>} */
const wanted = (key, values) => ({
  state: AIMS[key] && facts.taskStates?.[AIMS[key]],
  department: values.department,
  crew: values.crew_id && localName(crews.value.find((crew) => crew.id === values.crew_id)),
});

/**
 * A step of a task that met a change: apply it to the task as it is now, or drop it.
 * @param {{ask: {seen: Task, step: any, values: Record<string, any>, refusal: any, done: () => void}}} props
 */
export function StaleTask({ ask }) {
  const { seen, step, values, done } = ask;
  const refusal = useSignal(ask.refusal);
  const busy = useSignal(false);
  const known = detail.value?.tasks?.find((/** @type {Task} */ each) => each.id === seen.id) ?? seen;
  const mine = wanted(step.key, values);
  const rows = PARTS().map(([key, name, read]) => ({ key, name, was: read(seen), is: read(known), mine: mine[key] }))
    .filter((row) => row.was !== row.is || row.mine);
  if (values.reason) rows.push({ key: "reason", name: t("Reason"), was: NOTHING, is: NOTHING, mine: values.reason });
  const close = () => (dialog.value = null);
  const apply = async () => {
    busy.value = true;
    try {
      await takeTaskStep(known, step.key, values);
      done();
      close();
    } catch (fault) {
      refusal.value = fault;
    } finally {
      busy.value = false;
      loadDetail(seen.ticket);
      pollNow();
    }
  };
  return html`<header><div><h2>${step.name}</h2><span class="muted small">${seen.ticket} · ${seen.name}</span></div>
      <button class="quiet icon-only" type="button" onClick=${close}>${icon("x", t("Close"))}</button></header>
    <div class="body stack">${refusal.value.code === "stale"
      ? html`<${BothValues} rows=${rows} message=${refusal.value.message} way=${t("Nothing that you typed is lost. Apply yours to the task as it is now, or drop it.")} />`
      : html`<p class="banner" data-tone="danger" role="alert">${icon("alert-triangle")}<span>${refusal.value.message}</span></p>`}</div>
    <footer><${WaysOut} busy=${busy.value} ready=${known.version >= (refusal.value.facts?.version ?? 0)} onDrop=${close} onApply=${apply} /></footer>`;
}
