/* Where is this crew, on its shift alone, and can everybody see that it is told? */
import { getJson, postJson, Refusal } from "/static/shared/http.js";
import { formatTime, t } from "/static/shared/i18n.js";
import { person } from "./tap.js";

const ADDRESS = "/api/v1/positions";
const KEPT = "whereabouts";
const SAID = "whereabouts/denied";
const MOVING_MS = 15_000;
const IDLE_MS = 120_000;
const ASK_AGAIN_MS = 300_000;
const MOVED_METRES = 25;
const MOST = 1000;
const DAY_MS = 24 * 3_600_000;

/** @typedef {{at: string, lat: number, lon: number, accuracy: number}} Fix */

/** What this person's phone has not sent; another one's way is nobody's to send. @returns {Fix[]} */
function kept() {
  try {
    const { person: whose, fixes } = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
    return whose === person ? fixes : [];
  } catch {
    return [];
  }
}

/** Keep what is not sent yet; where a page may keep nothing it is lost, for a position is no work. @param {Fix[]} fixes */
function keep(fixes) {
  try {
    localStorage.setItem(KEPT, JSON.stringify({ person, fixes: fixes.slice(-MOST) }));
  } catch {
    return;
  }
}

/** Metres between two positions, on a plane. @param {Fix} one @param {Fix} other */
export function apart(one, other) {
  const east = (other.lon - one.lon) * Math.cos((one.lat * Math.PI) / 180);
  return Math.hypot(other.lat - one.lat, east) * 111_195;
}

/** Whether a position adds anything to the last one kept. @param {Fix | undefined} last @param {Fix} next */
export function isNews(last, next) {
  if (!last) return true;
  const waited = Date.parse(next.at) - Date.parse(last.at);
  return waited >= IDLE_MS || (waited >= 1000 && apart(last, next) >= Math.max(MOVED_METRES, next.accuracy / 2));
}

/** The server takes nothing that is older than a day. @param {Fix} fix @param {number} now */
const isOfToday = (fix, now) => now - Date.parse(fix.at) < DAY_MS;

let watch = /** @type {number | null} */ (null);
let last = /** @type {Fix | undefined} */ (undefined);
let sentAt = 0;
let until = /** @type {string | null} */ (null);

/** The line that everybody sees while positions are told. @param {string} words */
function show(words) {
  let sign = document.querySelector("[data-whereabouts]");
  if (!sign && words) {
    sign = document.createElement("p");
    sign.setAttribute("data-whereabouts", "");
    sign.setAttribute("role", "status");
    sign.className = "whereabouts muted small";
    document.querySelector(".top-bar")?.after(sign);
  }
  if (sign instanceof HTMLElement) {
    sign.textContent = words;
    sign.hidden = !words;
  }
}

/** @param {GeolocationPosition} found */
function take({ coords, timestamp }) {
  const next = { at: new Date(timestamp).toISOString(), lat: coords.latitude, lon: coords.longitude, accuracy: coords.accuracy };
  tell();
  if (!isNews(last, next)) return;
  if (last && apart(last, next) >= MOVED_METRES) document.dispatchEvent(new Event("crew-moved"));
  last = next;
  keep([...kept(), next]);
  send();
}

/** @param {GeolocationPositionError} fault */
function fail(fault) {
  if (fault.code !== fault.PERMISSION_DENIED) return;
  stop();
  if (localStorage.getItem(SAID)) return;
  localStorage.setItem(SAID, "yes");
  show(t("This phone may not tell where it is. Your work goes on as usual; arrivals are proven by a photo instead."));
}

function start() {
  if (watch !== null) return;
  watch = navigator.geolocation.watchPosition(take, fail, { enableHighAccuracy: true, maximumAge: 10_000 });
}

/** Nothing is told of a place before the line stands. */
function tell() {
  localStorage.removeItem(SAID);
  show(until
    ? t("On shift until %(time)s: position shared", { time: formatTime(until) })
    : t("On shift: position shared"));
}

function stop() {
  if (watch !== null) navigator.geolocation.clearWatch(watch);
  watch = null;
  show("");
}

/** @param {{wanted: boolean, until: string | null}} answer */
function obey(answer) {
  until = answer.until;
  if (answer.wanted) start();
  else stop();
}

/** Send what is kept, at most every 15 seconds; what the server has not got stays. */
async function send() {
  const now = Date.now();
  const fixes = kept().filter((each) => isOfToday(each, now));
  if (!fixes.length || now - sentAt < MOVING_MS || !navigator.onLine) return;
  sentAt = now;
  try {
    const answer = await postJson(ADDRESS, { at: new Date(now).toISOString(), positions: fixes });
    const sent = new Set(fixes.map((each) => each.at));
    keep(kept().filter((each) => !sent.has(each.at) && isOfToday(each, now)));
    obey(answer);
  } catch (fault) {
    // What the server will never take is not offered again.
    if (fault instanceof Refusal && fault.status === 422) keep([]);
    if (fault instanceof Refusal && (fault.status === 401 || fault.status === 403)) stop();
  }
}

async function ask() {
  try {
    const { body } = await getJson(ADDRESS);
    obey(body);
  } catch (fault) {
    if (fault instanceof Refusal && fault.status !== 0) stop();
  }
}

function begin() {
  keep(kept());
  ask();
  setInterval(() => { if (watch !== null) send(); }, MOVING_MS);
  setInterval(() => { if (watch === null || (until && Date.parse(until) <= Date.now())) ask(); }, ASK_AGAIN_MS);
}

// Of several open pages one tells; the others wait until it is closed.
if (navigator.geolocation && navigator.locks) navigator.locks.request(KEPT, () => new Promise(() => begin()));
