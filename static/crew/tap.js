/* What was tapped, when by which clock, and by whom? */
import { saidBy } from "./kit.js";
import { addCommand, changePhone, phone } from "./store.js";

const root = document.documentElement;
const meta = (/** @type {string} */ name) => document.querySelector(`meta[name="${name}"]`)?.getAttribute("content") ?? "";
const ASLEEP_MS = 2_000;
const PLUMBING = ["csrf_token", "key", "seen", "lat", "lon", "accuracy", "chosen", "words", "team", "crew"];

/** The account that this page was drawn for, null for none. */
export const person = Number(meta("person")) || null;

/** A UUID of version 7: its first 48 bits are the time, so that commands sort by it. */
export function newId(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  new DataView(bytes.buffer).setUint32(0, Math.floor(now / 2 ** 16));
  new DataView(bytes.buffer).setUint16(4, now % 2 ** 16);
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

let session = newId();
let apart = Date.now() - performance.now();

/**
 * What the clocks of this phone say now. A clock that does not count while the phone sleeps says too
 * little: when the other one ran ahead of it, a new session begins and the phone's time counts.
 */
export function clocks() {
  const now = Date.now();
  const mono = performance.now();
  if (now - mono - apart > ASLEEP_MS) session = newId();
  apart = now - mono;
  return { session, mono_ms: mono, at: new Date(now).toISOString() };
}

/** The kinds that the server takes later than they were made, with what each does. */
const known = /** @type {HTMLTemplateElement | null} */ (document.getElementById("steps"))?.content;

/** What the page says about a kind: its name, the state that it leads to, whether it ends the visit. @param {string} kind */
export const stepOf = (kind) => /** @type {HTMLElement | null} */ (known?.querySelector(`[data-kind="${CSS.escape(kind)}"]`) ?? null);

/** Whether a kind moves its ticket, which the desk waits for; a fact does not. @param {string} kind */
export const isStep = (kind) => "moves" in (stepOf(kind)?.dataset ?? {});

const ROUND = /^\/crew\/round\/(?:(\d+)\/)?(done|nobody-home|fault|undo)$/;

/** Which command a form gives, null for one that is only sent at once. @param {HTMLFormElement} form */
export function commandOf(form) {
  const action = form.getAttribute("action") ?? "";
  const [round, stop, tapped] = action.match(ROUND) ?? [];
  const [, ticket = "", last] = round ? [] : (action.match(/^\/crew\/([^/]+)\/(?:facts\/)?([^/]+)$/) ?? []);
  const kind = round ? `round-${tapped}` : (form.dataset.fact ?? last);
  if (!(round || ticket) || !kind || !stepOf(kind)) return null;
  const args = argsOf(form, kind);
  return { ticket, kind, args: stop ? { ...args, stop: Number(stop) } : args, said: saidBy(form) };
}

/** What was chosen and typed, as the server takes it. @param {HTMLFormElement} form @param {string} kind */
function argsOf(form, kind) {
  const fields = new FormData(form);
  const text = (/** @type {string} */ name) => String(fields.get(name) ?? "").trim();
  /** @type {Record<string, unknown>} */
  const args = {};
  for (const name of new Set(fields.keys())) {
    const values = fields.getAll(name).filter((each) => typeof each === "string" && each !== "");
    if (form.dataset.fact ? ["csrf_token", "key", "seen"].includes(name) : PLUMBING.includes(name)) continue;
    if (values.length) args[name] = values.length > 1 ? values : values[0];
  }
  if (form.dataset.fact) return args;
  const [chosen, words] = [text("chosen"), text("words")];
  if (kind === "cannot-complete") return { ...args, cause: chosen, note: words };
  if (kind === "hand-over") return { ...args, reason: chosen, note: words, to_crew_id: Number(text("crew")) || null };
  if (["decline", "return", "refuse-hand-over"].includes(kind)) args.reason = [chosen, words].filter(Boolean).join(" – ");
  else if (words) args.note = words;
  if (text("team")) args.team_id = Number(text("team"));
  return args;
}

/**
 * Store a tap; the promise fails where this phone has no room or no store.
 * @param {{ticket: string, kind: string, args: Record<string, unknown>}} what
 * @param {{version?: number | null, seen?: number | null, waitMs?: number}} [more] how long it may wait for a position
 */
export async function storeTap(what, { version = null, seen = null, waitMs = 0 } = {}) {
  const told = clocks();
  const { offset_ms: offset = null } = await phone();
  const id = newId(Date.parse(told.at));
  await addCommand({ ...what, ...told, id, base_version: version, seen, offset_ms: offset, position: null, person, ready_at: waitMs ? Date.now() + waitMs : 0 });
  navigator.storage?.persist?.();
  return id;
}

/** The version of a ticket that this page shows. */
export const versionShown = () => Number(/** @type {HTMLElement | null} */ (document.querySelector("[data-version]"))?.dataset.version) || null;

/** When the server said what this page shows, if it came from the phone itself. */
export const keptAt = () => root.dataset.kept ?? null;

/** Learn how far this phone's clock is off from a page that the server drew just now. */
export async function measureOffset() {
  const drawn = Date.parse(meta("now"));
  if (keptAt() || !drawn) return;
  const [arrived] = performance.getEntriesByType("navigation");
  const since = arrived ? performance.now() - /** @type {PerformanceNavigationTiming} */ (arrived).responseStart : 0;
  await changePhone({ offset_ms: Math.round(drawn - (Date.now() - since)) });
}
