/* How is a step for many sent a few tickets at a time, stopped, and taken back? */
import { signal } from "/static/vendor/preact.js";
import { postJson } from "/static/shared/http.js";
import { t } from "/static/shared/i18n.js";
import { newKey } from "./api.js";
import { pollNow } from "./live.js";

/** @typedef {Record<string, any>} Row */
/** @typedef {{value: {at: number, of: number}}} Progress */

const AT_ONCE = 10;
/** A preview holds the one writer of a small database as long as it takes. */
const SEEN_AT_ONCE = 20;
const TRIES = 2;
export const isRunning = signal(false);
let isStopped = false;

/** Send no more; what was sent stays. */
export function stopBulk() {
  isStopped = true;
}

/** Ask again with the same key where no answer came: what was done is not done twice. @param {unknown} body */
async function send(body) {
  const idempotencyKey = newKey();
  for (let tries = 1; ; tries += 1) {
    try {
      return await postJson("/api/v1/tickets/bulk", body, { idempotencyKey });
    } catch (refusal) {
      const isAway = /** @type {any} */ (refusal).status === 0 || /** @type {any} */ (refusal).status === 503;
      if (!isAway || tries === TRIES) throw refusal;
    }
  }
}

/**
 * Take a step for many; `told` hears the rows so far. Returns a row for each ticket that was sent.
 * @param {Row} asked @param {Row[]} named @param {Progress} progress @param {(rows: Row[]) => void} [told]
 */
export async function runBulk(asked, named, progress, told) {
  /** @type {Row[]} */
  let rows = [];
  isStopped = false;
  isRunning.value = true;
  progress.value = { at: 0, of: named.length };
  const size = asked.preview ? SEEN_AT_ONCE : AT_ONCE;
  try {
    for (let at = 0; at < named.length && !isStopped; at += size) {
      const answer = await send({ ...asked, tickets: named.slice(at, at + size) });
      rows = [...rows, ...answer.rows];
      progress.value = { at: rows.length, of: named.length };
      told?.(rows);
    }
  } finally {
    isRunning.value = false;
    if (!asked.preview) pollNow();
  }
  return rows;
}

/**
 * Take back what can be, each kind of step for itself.
 * @param {Row[]} done @param {Progress} progress @param {(rows: Row[]) => void} told
 */
export async function undoOf(done, progress, told) {
  const back = done.filter((row) => row.outcome === "done" && row.undo);
  /** @type {Row[]} */
  let rows = [];
  for (const step of new Set(back.map((row) => row.undo.step))) {
    const before = rows;
    const those = back.filter((row) => row.undo.step === step);
    const named = those.map(({ number, version, undo }) => ({ number, version, crew_id: undo.crew_id }));
    const key = those[0].undo.message_key;
    rows = [...before, ...await runBulk({ step, reason: t("Undone at the desk"), ...(key && { message_key: key }) }, named, progress, (found) => told([...before, ...found]))];
  }
  return rows;
}
