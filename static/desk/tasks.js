/* Which tasks of other departments run under the ticket, and what can be done about each? */
import { html, useRef, useSignal } from "/static/vendor/preact.js";
import { formatDateTime, formatTime, localName, t } from "/static/shared/i18n.js";
import { badge, icon } from "/static/shared/icon.js";
import { openTask, takeTaskStep } from "./api.js";
import { loadDetail, pollNow } from "./live.js";
import { can, crews, dialog, facts, now, say } from "./store.js";

/** @type {Record<string, [string, string]>} */
const LOOKS = {
  waiting: ["neutral", "clock"], open: ["info", "circle"], in_progress: ["accent", "tool"],
  done: ["good", "check"], refused: ["warn", "arrow-back-up"], cancelled: ["neutral", "ban"],
};
const SETTLED = new Set(["done", "cancelled"]);

const STEPS = () => [
  { key: "start", name: t("Begun"), icon: "player-play", in: ["open"] },
  { key: "finish", name: t("Done"), icon: "check", in: ["open", "in_progress"] },
  { key: "refuse", name: t("Refused"), icon: "arrow-back-up", in: ["open", "in_progress"], asks: t("Reason") },
  { key: "assign", name: t("Give to"), icon: "users", in: ["waiting", "open", "in_progress", "refused"], asks: null },
  { key: "cancel", name: t("Not needed"), icon: "ban", in: ["waiting", "open", "in_progress", "refused"], asks: t("Reason") },
];

/**
 * Do something to the tasks and show what came of it; `stale` is told where somebody was faster.
 * @param {string} number @param {() => Promise<unknown>} act @param {(refusal: any) => void} [stale]
 */
async function attempt(number, act, stale) {
  try {
    await act();
    return true;
  } catch (fault) {
    const refusal = /** @type {any} */ (fault);
    if (refusal.code === "stale" && stale) stale(refusal);
    else say(refusal.message, { tone: refusal.code === "stale" ? "warn" : "danger" });
    return false;
  } finally {
    loadDetail(number);
    pollNow();
  }
}

/** Take a step of a task as it was seen; both values are shown where it changed. @param {any} task @param {any} step @param {Record<string, unknown>} values @param {() => void} done */
const move = (task, step, values, done) =>
  attempt(task.ticket, () => takeTaskStep(task, step.key, values).then(done),
    (refusal) => (dialog.value = { kind: "stale-task", seen: task, step, values, refusal, done, number: task.ticket }));

/** @param {{task: any}} props */
function Clock({ task }) {
  if (!task.due_at && task.expected_at && task.state === "waiting") {
    return html`<span class="muted">${t("expected %(time)s", { time: formatDateTime(task.expected_at) })}</span>`;
  }
  if (!task.due_at) return null;
  const isOver = SETTLED.has(task.state) ? task.ended_at > task.due_at : Date.parse(task.due_at) < now.value;
  const isToday = Math.abs(Date.parse(task.due_at) - now.value) < 43_200_000;
  const at = isToday ? formatTime(task.due_at) : formatDateTime(task.due_at);
  return html`<span class=${isOver ? "toned" : "muted"} data-tone=${isOver ? "danger" : undefined}>${isOver && icon("alert-octagon")} ${t("due %(time)s", { time: at })}</span>`;
}

/** @param {{task: any, step: any, close: () => void}} props */
function Ask({ task, step, close }) {
  // As it was when the form was opened: a colleague's change is not overwritten unseen.
  const seen = useRef(task).current;
  /** @param {any} event */
  const send = async (event) => {
    event.preventDefault();
    const given = new FormData(event.target);
    const department = String(given.get("department") ?? "").trim();
    const crew = Number(given.get("crew_id"));
    const values = step.key === "assign"
      ? { ...(department && { department }), ...(crew && { crew_id: crew }) }
      : { reason: String(given.get("reason")).trim() };
    move(seen, step, values, close);
  };
  const id = `task-${task.id}`;
  return html`<form class="task-ask stack tight" onSubmit=${send}>
    ${step.key === "assign"
      ? html`<div class="field"><label for=${`${id}-department`}>${t("Department")}</label><input id=${`${id}-department`} name="department" maxlength="80" placeholder=${task.department} /></div>
        <div class="field"><label for=${`${id}-crew`}>${t("Crew")}</label><select id=${`${id}-crew`} name="crew_id"><option value="">–</option>
          ${crews.value.map((crew) => html`<option value=${crew.id} selected=${task.crew?.id === crew.id}>${localName(crew)}</option>`)}</select></div>`
      : html`<div class="field"><label for=${`${id}-reason`}>${step.asks}</label><input id=${`${id}-reason`} name="reason" required maxlength="300" /></div>`}
    <div class="row"><button class="primary small">${step.name}</button><button type="button" class="quiet small" onClick=${close}>${t("Back")}</button></div></form>`;
}

/** @param {{task: any, tasks: any[]}} props */
function Task({ task, tasks }) {
  const asked = useSignal(/** @type {any} */ (null));
  const [tone, picture] = LOOKS[task.state] ?? ["neutral", "circle"];
  const before = tasks.filter((each) => task.waits_for.includes(each.id) && !SETTLED.has(each.state));
  const who = [task.department, localName(task.team), localName(task.crew), task.person].filter(Boolean).join(" · ");
  const steps = can("run_tasks") ? STEPS().filter((step) => step.in.includes(task.state)) : [];
  return html`<li class="task" data-state=${task.state}>
    <div class="row"><b>${task.name}</b>${badge(task.state_name, tone, picture)}<span class="push small"><${Clock} task=${task} /></span></div>
    <div class="small muted">${who}${before.length > 0 && ` · ${t("after %(tasks)s", { tasks: before.map((each) => each.name).join(", ") })}`}</div>
    ${task.promise && !SETTLED.has(task.state) && html`<div class="small muted">${task.promise}</div>`}
    ${task.note && html`<q class="small story-note">${task.note}</q>`}
    ${asked.value
      ? html`<${Ask} task=${task} step=${asked.value} close=${() => (asked.value = null)} />`
      : steps.length > 0 && html`<div class="row task-steps">${steps.map((step) => html`<button type="button" class="quiet small" key=${step.key}
          onClick=${() => { if (step.asks === undefined) move(task, step, {}, () => {}); else asked.value = step; }}>${icon(step.icon)}${step.name}</button>`)}</div>`}
  </li>`;
}

/** @param {{ticket: any, tasks: any[]}} props */
function AddTask({ ticket, tasks }) {
  const isOpen = useSignal(false);
  if (!isOpen.value) return html`<button type="button" class="quiet small" onClick=${() => (isOpen.value = true)}>${icon("plus")}${t("Ask for a task")}</button>`;
  /** @param {any} event */
  const send = async (event) => {
    event.preventDefault();
    const given = new FormData(event.target);
    const after = Number(given.get("after"));
    const note = String(given.get("note")).trim();
    const values = { kind: given.get("kind"), waits_for: after ? [after] : [], ...(note && { note }) };
    if (await attempt(ticket.number, () => openTask(ticket.number, values))) isOpen.value = false;
  };
  const open = tasks.filter((task) => !SETTLED.has(task.state));
  return html`<form class="task-ask stack tight" onSubmit=${send}>
    <div class="field"><label for="new-task-kind">${t("Task")}</label><select id="new-task-kind" name="kind">${Object.entries(facts.tasks ?? {}).map(([key, name]) => html`<option value=${key}>${name}</option>`)}</select></div>
    ${open.length > 0 && html`<div class="field"><label for="new-task-after">${t("Begins")}</label><select id="new-task-after" name="after"><option value="">${t("at once")}</option>
      ${open.map((task) => html`<option value=${task.id}>${t("after %(tasks)s", { tasks: task.name })}</option>`)}</select></div>`}
    <div class="field"><label for="new-task-note">${t("Note")} <span class="muted">${t("(optional)")}</span></label><input id="new-task-note" name="note" maxlength="2000" /></div>
    <div class="row"><button class="primary small">${t("Ask for a task")}</button><button type="button" class="quiet small" onClick=${() => (isOpen.value = false)}>${t("Back")}</button></div></form>`;
}

const ENDED = new Set(["closed", "duplicate", "solved_by_phone", "answered_by_notice", "cancelled"]);

/** The tasks of a ticket with their owners, clocks and steps. @param {{ticket: any, tasks: any[]}} props */
export function Tasks({ ticket, tasks }) {
  const mayAsk = can("ask_for_task") && !ENDED.has(ticket.state);
  if (!tasks.length && !mayAsk) return null;
  return html`<section class="pane-part"><h3>${facts.requests?.includes(ticket.kind) ? t("Steps of the request") : t("Tasks of other departments")}</h3>
    ${tasks.length > 0 && html`<ol class="tasks">${tasks.map((task) => html`<${Task} key=${task.id} task=${task} tasks=${tasks} />`)}</ol>`}
    ${mayAsk && html`<${AddTask} ticket=${ticket} tasks=${tasks} />`}</section>`;
}
