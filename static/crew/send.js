/* How does what waits on this phone reach the server, once, in order, and never lost? */
import { t } from "/static/shared/i18n.js";
import { changeCommand, changePhone, dropCommand, onChange, phone, renumber, waitingCommands } from "./store.js";
import { isEarly, nextPhotos, offerAnew, sendPhotos, stopPhoto } from "./send_photos.js";
import { clocks, isStep } from "./tap.js";
import { newToken } from "./token.js";

const MOST = 50;
const TIMEOUT_MS = 30_000;
const FIRST_MS = 1_000;
const LONGEST_MS = 120_000;
const DEVICE_HEADER = "X-OneVisit-Device";
const OUTCOMES = ["applied", "superseded", "rejected", "held"];
/** @typedef {"" | "offline" | "signed-out" | "refused" | "failing"} Trouble */

/** What stands against sending commands, what against photos, and whether it is under way. @type {{trouble: Trouble, photoTrouble: Trouble, isSending: boolean}} */
export const sending = { trouble: "", photoTrouble: "", isSending: false };
/** @type {Set<(answered: number) => void>} */
const listeners = new Set();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let failures = 0;
/** @type {Promise<void> | null} */
let running = null;
let isWanted = false;

/** Hear when sending begins or ends; the number says how many commands were answered. @param {(answered: number) => void} listener */
export const onSending = (listener) => listeners.add(listener);
const tell = (answered = 0) => listeners.forEach((each) => each(answered));

class Stuck extends Error {
  /** @param {Trouble} kind */
  constructor(kind) {
    super(kind);
    this.kind = kind;
  }
}

/** An answer in which our server names what is wrong with the request. */
class Wrong extends Error {}

/** @param {string} url @param {unknown} body @param {Record<string, string>} [headers] */
async function post(url, body, headers = {}) {
  const token = document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
  const sent = { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": token, ...headers };
  let answer;
  let told = null;
  try {
    answer = await fetch(url, { method: "POST", headers: sent, body: JSON.stringify(body), credentials: "same-origin", signal: AbortSignal.timeout(TIMEOUT_MS) });
    // A captive portal answers 200 with a page of its own.
    told = await answer.json().catch(() => null);
  } catch {
    throw new Stuck("offline");
  }
  return { status: answer.redirected ? 0 : answer.status, told };
}

/** @param {string} url @param {unknown} body @param {Record<string, string>} [headers] */
async function ask(url, body, headers) {
  let { status, told } = await post(url, body, headers);
  if (status === 400 && (await newToken())) ({ status, told } = await post(url, body, headers));
  if (status >= 200 && status < 300 && told) return { status, told };
  if (status === 401) throw new Stuck("signed-out");
  if (status === 403) throw new Stuck("refused");
  if ([413, 422].includes(status) && told?.error) throw new Wrong(told.error.message);
  if (status === 404 && told?.error?.code === "not_found") return { status, told };
  throw new Stuck("failing");
}

/** Let the server know this phone; what waits is numbered anew from where it begins. */
async function enrol() {
  const name = navigator.userAgent.match(/iPhone|iPad|Android|Windows|Macintosh|Linux/)?.[0] ?? t("Phone");
  const { told } = await ask("/api/v1/field/devices", { name }).catch((reason) => {
    throw reason instanceof Wrong ? new Stuck("refused") : reason;
  });
  if (!Number.isInteger(told.next_sequence)) throw new Stuck("failing");
  await changePhone({ token: told.token });
  await offerAnew();
  await renumber(told.next_sequence);
}

/** @param {import("./store.js").Command} command */
function wire({ id, sequence, ticket, kind, args, base_version, seen, at, mono_ms, session, offset_ms, position, person: by }) {
  return { id, sequence, ticket, kind, args, base_version, seen, at, mono_ms, session, offset_ms, position, person: by };
}

/** Send some commands; null when the server does not know this phone. @param {import("./store.js").Command[]} batch */
async function sync(batch) {
  const { token } = await phone();
  if (!token && !document.querySelector('meta[name="phone"][content="yes"]')) return null;
  const told = clocks();
  const body = { ...told, waiting: (await waitingCommands()).length, commands: batch.map(wire) };
  const answer = await ask("/api/v1/field/sync", body, token ? { [DEVICE_HEADER]: token } : {});
  if (answer.status === 404) return null;
  const { outcomes, next_sequence: next, server_at: serverAt } = answer.told;
  if (!Array.isArray(outcomes) || !Number.isInteger(next)) throw new Stuck("failing");
  // A phone without room for this still takes what was answered off itself.
  if (serverAt) await changePhone({ offset_ms: Date.parse(serverAt) - Date.parse(told.at) }).catch(() => undefined);
  return { outcomes, next };
}

/** Who did what to a ticket since the page of a tap was drawn; none when it cannot be asked. @param {import("./store.js").Command} command */
async function changesSince({ ticket, seen }) {
  if (!ticket) return [];
  try {
    const address = `/crew/${ticket}/changes?seen=${seen ?? 0}`;
    const answer = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin", signal: AbortSignal.timeout(TIMEOUT_MS) });
    return answer.ok ? ((await answer.json()).changes ?? []) : [];
  } catch {
    return [];
  }
}

/** Only our own word about this very command takes it off the phone. @param {import("./store.js").Command[]} batch @param {any[]} outcomes */
async function settle(batch, outcomes) {
  let answered = 0;
  for (const { id, outcome, reason, other } of outcomes) {
    const command = batch.find((each) => each.id === id);
    if (!command || !OUTCOMES.includes(outcome)) continue;
    answered += 1;
    if (outcome === "applied" && other) await changeCommand(id, { outcome: "differs", other });
    else if (outcome === "applied") await dropCommand(id);
    else await changeCommand(id, { outcome, reason: reason ?? null, changes: await changesSince(command) });
  }
  return answered;
}

/** The next ones that may go: oldest first, none before its place is known. @param {number} most */
async function nextBatch(most) {
  const waiting = await waitingCommands();
  const late = waiting.findIndex((each) => isEarly(each.ready_at - Date.now()));
  if (late === 0) schedule(Math.max(0, waiting[0].ready_at - Date.now()) + 50);
  return waiting.slice(0, late < 0 ? most : Math.min(late, most));
}

/** Send what was tapped, and count what was answered. @param {{answered: number}} done */
async function sendCommands(done) {
  let most = MOST;
  for (let empty = 0; empty < 3; ) {
    const batch = await nextBatch(most);
    if (batch.length === 0) break;
    try {
      const answer = await sync(batch);
      if (answer === null) {
        await enrol();
        empty += 1;
        continue;
      }
      const answered = await settle(batch, answer.outcomes);
      await renumber(answer.next);
      done.answered += answered;
      empty = answered ? 0 : empty + 1;
    } catch (reason) {
      if (!(reason instanceof Wrong)) throw reason;
      // One of them is wrong in itself: find it, so that it does not hold up the others.
      if (most === 1) await changeCommand(batch[0].id, { outcome: "rejected", reason: reason.message });
      if (most === 1) await renumber(batch[0].sequence);
      most = 1;
    }
    tell();
  }
  if ((await nextBatch(1)).length) throw new Stuck("failing");
}

/** @param {() => Promise<any>} work @returns {Promise<Trouble>} what stood against it */
async function troubleOf(work) {
  try {
    return (await work()) ?? "";
  } catch (reason) {
    return reason instanceof Stuck ? reason.kind : "failing";
  }
}

/** A step that may go now waits for no photo; a fact lets the one under way get through. */
async function giveWay() {
  if (!sending.trouble && (await nextBatch(MOST)).some((each) => isStep(each.kind))) stopPhoto();
}

/** A tap is small and the desk waits for it: no photo goes before one. */
async function attempt() {
  const done = { answered: 0 };
  sending.isSending = true;
  tell();
  const sendTaps = async () => {
    sending.trouble = await troubleOf(() => sendCommands(done));
    return sending.trouble !== "offline";
  };
  if (await sendTaps()) sending.photoTrouble = await troubleOf(() => sendPhotos(sendTaps));
  sending.isSending = false;
  const isStuck = Boolean(sending.trouble || sending.photoTrouble);
  failures = isStuck ? failures + 1 : 0;
  if (isStuck) schedule(Math.min(LONGEST_MS, FIRST_MS * 2 ** failures) * (0.5 + Math.random()));
  tell(done.answered);
}

/** @param {number} pauseMs */
function schedule(pauseMs) {
  clearTimeout(timer);
  timer = setTimeout(drain, pauseMs);
}

async function run() {
  do {
    isWanted = false;
    clearTimeout(timer);
    await attempt();
  } while (isWanted && !sending.trouble);
}

/** Send what waits; of several tabs one sends at a time. Resolves when nothing more can be done now. */
export async function drain() {
  isWanted = true;
  if (!navigator.onLine) {
    sending.trouble = "offline";
    tell();
    return;
  }
  if (running) giveWay();
  const within = () => (navigator.locks ? navigator.locks.request("crew-send", run) : run());
  running ??= Promise.resolve(within()).finally(() => (running = null));
  await running;
  // Asked for while the last run was ending.
  if (isWanted && !sending.trouble) await drain();
}

/** Send by itself: now, after each tap, when the network or the page comes back. */
export function keepSending() {
  const again = () => {
    failures = 0;
    drain();
  };
  window.addEventListener("online", again);
  window.addEventListener("offline", drain);
  document.addEventListener("visibilitychange", () => document.hidden || again());
  onChange(async () => {
    if (sending.trouble) return;
    await giveWay();
    const [first] = [...(await nextBatch(1)), ...(sending.photoTrouble ? [] : await nextPhotos())];
    if (first) drain();
  });
  drain();
}
