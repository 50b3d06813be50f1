/* How often does a page ask for news without emptying the phone? */

/** So long after the last touch or move the phone counts as in use. */
const CALM_MS = 300_000;
const STILL_MS = 15_000;
const LOW_MS = 30_000;
const LOW = 0.2;
let stirredAt = Date.now();
/** @type {{level: number, charging: boolean} | null} */
let battery = null;
/** @type {any} */ (navigator).getBattery?.().then((/** @type {any} */ found) => (battery = found), () => undefined);

const isLow = () => battery !== null && !battery.charging && battery.level <= LOW;

/** How long to wait before the next question. @param {number} usualMs */
function pause(usualMs) {
  if (Date.now() - stirredAt < CALM_MS) return usualMs;
  return Math.max(usualMs, isLow() ? LOW_MS : STILL_MS);
}

/**
 * Look for news as often as usual while the phone is in use, less often while it lies still, and not
 * at all while the page is hidden; `look` hears whether the page or its person was away.
 * @param {(wasAway: boolean) => void} look @param {number} usualMs
 */
export function keepLooking(look, usualMs) {
  let waits = usualMs;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const go = (wasAway = false) => {
    clearTimeout(timer);
    if (document.hidden) return;
    waits = pause(usualMs);
    timer = setTimeout(go, waits);
    look(wasAway);
  };
  const stir = () => {
    stirredAt = Date.now();
    if (waits > usualMs) go(true);
  };
  for (const kind of ["pointerdown", "keydown", "crew-moved"]) document.addEventListener(kind, stir);
  document.addEventListener("visibilitychange", () => go(true));
  timer = setTimeout(go, usualMs);
}
