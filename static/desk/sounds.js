/* What does the desk sound like when something happens, and may it sound at all? */
import { computed, effect, signal } from "/static/vendor/preact.js";
import { t } from "/static/shared/i18n.js";
import { overdueNumbers } from "./tab_sign.js";
import { facts, tickets } from "./store.js";

/** @typedef {"level1" | "broken" | "declined" | "ticket"} Kind the most pressing first */
/** @typedef {{volume: number, muted: Kind[]}} Settings volume from 0 to 1 */

/** Each kind: its name and its tones as [hertz, begins after seconds, lasts seconds]. @type {Record<Kind, {name: () => string, tones: [number, number, number][]}>} */
export const KINDS = {
  level1: { name: () => t("New ticket of level 1"), tones: [[660, 0, 0.16], [880, 0.18, 0.16], [1175, 0.36, 0.3], [880, 0.75, 0.16], [1175, 0.93, 0.3]] },
  broken: { name: () => t("A promise is broken"), tones: [[740, 0, 0.2], [494, 0.22, 0.35]] },
  declined: { name: () => t("A crew declined"), tones: [[392, 0, 0.14], [392, 0.2, 0.14], [392, 0.4, 0.14]] },
  ticket: { name: () => t("New ticket"), tones: [[880, 0, 0.18]] },
};
const ORDER = /** @type {Kind[]} */ (Object.keys(KINDS));
const KEY = `desk-sounds:${facts.user}`;
const PAUSE = 1_500;

/** @returns {Settings} */
function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "null");
    if (kept && kept.volume >= 0 && kept.volume <= 1 && Array.isArray(kept.muted)) return kept;
  } catch { /* what cannot be read is the default */ }
  return { volume: 0.5, muted: [] };
}

export const settings = signal(read());
addEventListener("storage", (event) => { if (event.key === KEY) settings.value = read(); });

/** @param {Partial<Settings>} change */
export function setSounds(change) {
  settings.value = { ...settings.value, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(settings.value));
  } catch { /* kept until the page is closed */ }
}

export const isSilent = computed(() => settings.value.volume === 0 || ORDER.every((kind) => settings.value.muted.includes(kind)));
/** Whether the browser lets this page sound; it does not before the first key or click. */
export const isBlocked = signal(true);
/** The last sound that was due, for those who look and do not hear. */
export const lastSound = signal(/** @type {Kind | null} */ (null));

/** @type {AudioContext | null} */
let audio = null;
/** Of several windows of one browser the first one that may sound does. */
let isOurs = !navigator.locks;
let soundedAt = 0;

/** A browser allows sound from within a key press or a click alone. */
async function unlock() {
  if (audio?.state === "running") return;
  try {
    audio ??= new AudioContext();
    await audio.resume();
  } catch {
    return;
  }
  isBlocked.value = audio.state !== "running";
  if (!isBlocked.value && !isOurs) navigator.locks.request("desk-sound", () => { isOurs = true; return new Promise(() => {}); });
}

/** @param {Kind} kind */
function sound(kind) {
  if (!audio || audio.state !== "running") return;
  const { volume } = settings.peek();
  for (const [hertz, after, lasts] of KINDS[kind].tones) {
    const [tone, gain, at] = [audio.createOscillator(), audio.createGain(), audio.currentTime + after];
    tone.type = "triangle";
    tone.frequency.value = hertz;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(volume * 0.5, at + 0.015);
    gain.gain.setValueAtTime(volume * 0.5, at + lasts - 0.04);
    gain.gain.linearRampToValueAtTime(0, at + lasts);
    tone.connect(gain).connect(audio.destination);
    tone.start(at);
    tone.stop(at + lasts);
  }
}

/** Let a kind be heard, also a muted one. @param {Kind} kind */
export async function tryOut(kind) {
  await unlock();
  sound(kind);
}

/** Of what happened at once only the most pressing is heard. @param {Kind[]} happened */
function tell(happened) {
  const kind = ORDER.find((each) => happened.includes(each) && !settings.peek().muted.includes(each));
  if (!kind) return;
  lastSound.value = kind;
  if (!isOurs || performance.now() - soundedAt < PAUSE) return;
  soundedAt = performance.now();
  sound(kind);
}

/** @param {any} ticket */
const declines = (ticket) => (ticket.visits ?? []).filter((/** @type {any} */ visit) => visit.state === "declined").length;

/** What is new between two pictures of the queue. @param {Map<string, any>} before @param {Map<string, any>} after @returns {Kind[]} */
export function happenings(before, after) {
  /** @type {Kind[]} */
  const found = [];
  for (const [number, ticket] of after) {
    const known = before.get(number);
    if (!known) found.push(ticket.level === 1 ? "level1" : "ticket");
    else if (known !== ticket && declines(ticket) > declines(known)) found.push("declined");
  }
  return found;
}

/** Listen to the queue; what is there at the beginning makes no sound. */
export function startSounds() {
  for (const gesture of ["click", "keydown"]) document.addEventListener(gesture, unlock, { capture: true });
  let before = tickets.peek();
  let late = new Set(overdueNumbers.peek());
  let isBegun = false;
  effect(() => {
    const [after, numbers] = [tickets.value, overdueNumbers.value];
    const broken = numbers.some((number) => !late.has(number) && before.has(number));
    /** @type {Kind[]} */
    const found = isBegun ? [...(before === after ? [] : happenings(before, after)), ...(broken ? [/** @type {Kind} */ ("broken")] : [])] : [];
    isBegun ||= after.size > 0;
    before = after;
    late = new Set(numbers);
    if (found.length) tell(found);
  });
}
