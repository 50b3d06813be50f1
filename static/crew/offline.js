/* How does a page of the crew go on without a connection, and say so? */
import { formatDateTime, formatTime, n, t } from "/static/shared/i18n.js";
import { forgetPages } from "./forget.js";
import { newest } from "./newest.js";
import { forgetWordsOf } from "./once.js";
import { overlay, overTicket } from "./overlay.js";
import { keepAhead, overRound } from "./over_round.js";
import { position, POSITION_MS } from "./position.js";
import { drain, keepSending, onSending, sending } from "./send.js";
import { changeCommand, commands, isSettled, onChange, photos } from "./store.js";
import { commandOf, keptAt, measureOffset, person, stepOf, storeTap, versionShown } from "./tap.js";
import { lifted } from "./thumb.js";

const bar = /** @type {HTMLElement} */ (document.querySelector("[data-queue]"));
const PATIENCE_MS = 2_500;
const AGAIN_MS = 30_000;
const LEAVE_MS = 10_000;
const REST_MS = 700;
let refusal = "";
/** What is said of a form or a link that was held back, because it needs a connection. */
let stopped = "";
let drawing = 0;
/** @type {Promise<void> | undefined} */
let laid;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let again;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let rested;

/** The next step comes under the thumb at once: the second tap of two quick ones is not meant for it. */
function rest() {
  document.documentElement.dataset.resting = "";
  clearTimeout(rested);
  rested = setTimeout(() => delete document.documentElement.dataset.resting, REST_MS);
}

/** Whether this page is from the phone, or the server is out of reach. */
const isCut = () => !navigator.onLine || sending.trouble === "offline";

/** What stands against what waits, steps before photos. */
const troubleNow = () => sending.trouble || sending.photoTrouble;

/** @param {number} steps answered and not done @param {number} pictures refused */
function needsLook(steps, pictures) {
  if (!pictures) return n("%(count)s step needs a look", "%(count)s steps need a look", steps);
  if (!steps) return n("%(count)s photo needs a look", "%(count)s photos need a look", pictures);
  return t("%(count)s things need a look", { count: steps + pictures });
}

/** @param {number} count what waits @param {number} steps @param {number} pictures */
function sentence(count, steps, pictures) {
  if (refusal || stopped) return refusal || stopped;
  const trouble = troubleNow();
  if (steps + pictures && !count) return needsLook(steps, pictures);
  if (count && (trouble === "signed-out" || !person)) return t("Sign in again to send. %(count)s kept on this phone", { count });
  if (count && trouble === "refused") return t("Sending is not allowed. %(count)s kept on this phone", { count });
  if (isCut() || (count && trouble === "offline")) return count ? t("No connection. %(count)s saved on this phone", { count }) : t("No connection. You can work on");
  if (count && trouble) return t("The server does not answer. %(count)s saved on this phone", { count });
  if (count) return t("Saved on this phone. Sending %(count)s …", { count });
  return t("Everything is sent");
}

function tone(/** @type {number} */ count, /** @type {number} */ settled) {
  const trouble = troubleNow();
  if (refusal || stopped || trouble === "signed-out" || trouble === "refused" || (count && !person)) return "danger";
  if (settled || isCut() || keptAt() || trouble) return "warn";
  return count ? "info" : "good";
}

/** What is stored on this phone; nothing where it has no store, null where its store cannot be read. */
const stored = () => (window.indexedDB ? Promise.all([commands(), photos()]).catch(() => null) : Promise.resolve([[], []]));

async function showBar() {
  const kept = await stored();
  if (!kept) return sayUnreadable();
  const [all, pictures] = kept;
  const answered = all.filter((each) => each.outcome).length;
  const refused = pictures.filter(isSettled).length;
  const settled = answered + refused;
  const count = all.length - answered + pictures.length - refused;
  const since = keptAt();
  const words = sentence(count, answered, refused);
  const said = since ? `${words} · ${t("state of %(time)s", { time: stateOf(since) })}` : words;
  const place = /** @type {HTMLElement} */ (bar.querySelector("[data-queue-words]"));
  if (place.textContent !== said) place.textContent = said;
  bar.dataset.tone = tone(count, settled);
  bar.dataset.count = String(count);
  bar.hidden = false;
}

/** That everything is sent would be a guess, and a wrong one would cost work. */
function sayUnreadable() {
  /** @type {HTMLElement} */ (bar.querySelector("[data-queue-words]")).textContent = t("This phone cannot read what it has stored. Close the other tabs of this page and open it again");
  bar.dataset.tone = "danger";
  bar.hidden = false;
}

/** @param {string} instant */
const stateOf = (instant) => (new Date(instant).toDateString() === new Date().toDateString() ? formatTime(instant) : formatDateTime(instant));

async function show() {
  const lay = async () => overRound(document, await commands());
  await Promise.all([showBar(), overlay().catch(() => undefined), lay().catch(() => undefined)]);
}

/** Whether somebody is in the middle of typing or of a dialog on this page. @param {ParentNode} part */
const isTyped = (part) => part.querySelector("dialog[open]") !== null || [...part.querySelectorAll("textarea, input:not([type=hidden])")].some((each) => each.value !== each.defaultValue || each.checked !== each.defaultChecked);

/** Leave the big button under the thumb where it is when the same step comes next. @param {Element} shown @param {Element} found */
function keepButton(shown, found) {
  const [here, there] = [shown.querySelector(".next-step"), found.querySelector(".next-step")];
  const [form, fresh] = [here?.querySelector("form"), there?.querySelector("form")];
  if (!here || !there || !form || !fresh || form.getAttribute("action") !== fresh.getAttribute("action")) return;
  for (const field of fresh.querySelectorAll("input[type=hidden]")) {
    const own = form.querySelector(`input[name="${field.name}"]`);
    if (own) own.value = field.value;
  }
  const state = there.getAttribute("data-after");
  if (state) here.setAttribute("data-after", state);
  else here.removeAttribute("data-after");
  there.replaceWith(here);
}

/** Draw the ticket or the round anew once the server has what was tapped; what is being typed stays. */
async function drawAnew() {
  const shown = document.getElementById("main");
  if (document.getElementById("day")) document.dispatchEvent(new Event("crew-look"));
  const drawn = document.querySelector("#ticket, #round")?.id;
  if (!drawn || !shown || isTyped(shown)) return;
  drawing += 1;
  const mine = drawing;
  const found = await newest("#main");
  if (!found?.querySelector(`#${drawn}`)) return;
  await lifted();
  const all = await commands();
  // Drawn before the newest step arrived: the page would fall back for a moment.
  if (mine !== drawing || sending.isSending || isTyped(shown)) return;
  overTicket(found, all);
  overRound(found, all);
  // Its photos are looked after by a script that holds on to them.
  const photosHere = document.getElementById("photos");
  if (photosHere) found.querySelector("#photos")?.replaceWith(photosHere);
  keepButton(shown, found);
  keepAhead(shown, found);
  shown.replaceChildren(...found.childNodes);
  navigator.serviceWorker?.controller?.postMessage({ keepPath: location.pathname });
  document.dispatchEvent(new Event("crew-drawn"));
}

/** Where a form leads once it is stored. @param {HTMLFormElement} form @param {{ticket: string, kind: string}} what */
function after(form, { ticket, kind }) {
  if (!ticket) return kind === "round-fault" ? "/crew/round" : "";
  if ("last" in (stepOf(kind)?.dataset ?? {})) return "/crew";
  return form.hasAttribute("data-words") ? `/crew/${ticket}` : "";
}

const sleep = (/** @type {number} */ ms) => new Promise((done) => setTimeout(done, ms));

/** Store what a form says, then send it. @param {HTMLFormElement} form @param {NonNullable<ReturnType<typeof commandOf>>} what */
async function keep(form, what) {
  const button = form.querySelector("button:not([type=button])");
  button?.setAttribute("aria-busy", "true");
  const isPlaced = form.hasAttribute("data-position");
  let placed = Promise.resolve();
  try {
    const page = /** @type {HTMLElement | null} */ (document.querySelector("[data-seen]"));
    const seen = Number(new FormData(form).get("seen") ?? page?.dataset.seen) || null;
    const id = await storeTap(what, { version: versionShown(), seen, waitMs: isPlaced ? POSITION_MS + 1_000 : 0 });
    refusal = stopped = "";
    if (form.closest(".next-step")) rest();
    if (isPlaced) placed = place(id);
  } catch {
    refusal = t("This phone could not save it: no room is left. Nothing is done yet.");
    await showBar();
    if (navigator.onLine) form.submit();
    return;
  } finally {
    delete form.dataset.sent;
    button?.removeAttribute("aria-busy");
  }
  if (form.dataset.words) forgetWordsOf(form.dataset.words);
  if (form.dataset.fact) form.reset();
  await show();
  const target = after(form, what);
  const isThere = navigator.onLine || navigator.serviceWorker?.controller;
  if (!target || !isThere) return;
  // A page that is left looks for no place any more.
  await Promise.race([placed, sleep(POSITION_MS)]);
  await Promise.race([drain(), sleep(PATIENCE_MS)]);
  location.assign(target);
}

/** Add where a tap was made; it is stored already. @param {string} id */
async function place(id) {
  const found = await position();
  const { latitude: lat, longitude: lon, accuracy } = found?.coords ?? {};
  await changeCommand(id, { ready_at: 0, ...(found ? { position: { lat, lon, accuracy } } : {}) });
}

/** @param {SubmitEvent} event */
async function take(event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const action = form.getAttribute("action") ?? "";
  if (["/sign-out", "/crew/sign-in"].includes(action)) return leave(event, form);
  if (isCut() && action && isElsewhere(action)) return stop(event, t("This needs a connection. Tap again later"));
  if (!form.hasAttribute("data-step") && !form.dataset.fact) return;
  const what = commandOf(form);
  if (!what && !navigator.onLine) return stop(event, notSent());
  if (!what || !window.indexedDB) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const isBig = Boolean(form.closest(".next-step"));
  if (form.dataset.sent || (isBig && "resting" in document.documentElement.dataset)) return;
  form.dataset.sent = "yes";
  if (isBig) rest();
  // A tap before the first look at the queue may be on a button that is out of date.
  await laid;
  if (form.isConnected) await keep(form, what);
}

const notSent = () => t("No connection, so this was not sent. What you typed stays; tap again later");

/** Whether a path is none of those that this phone keeps. @param {string} path */
const isElsewhere = (path) => !/^\/crew(\/|$)/.test(path) || /^\/crew\/(join|sign-in)/.test(path);

/** A browser's own page of failure would take what was typed with it. @param {Event} event @param {string} words */
function stop(event, words) {
  event.preventDefault();
  event.stopImmediatePropagation();
  // An open menu would cover the words.
  for (const each of document.querySelectorAll(".top-bar details[open]")) each.removeAttribute("open");
  stopped = words;
  fade();
  return showBar();
}

/** Say no longer what needed a connection once there is one. */
function fade() {
  setTimeout(() => {
    if (isCut()) return fade();
    stopped = "";
    showBar();
  }, AGAIN_MS);
}

/** Stay on a page of this phone where a link leads to one that is not on it. @param {MouseEvent} event */
function follow(event) {
  const link = event.target instanceof Element && event.target.closest("a[href]");
  if (!(link instanceof HTMLAnchorElement) || !isCut() || link.hasAttribute("download")) return;
  const isHere = link.pathname === location.pathname && link.hash;
  if (link.origin === location.origin && !isHere && isElsewhere(link.pathname)) stop(event, t("This needs a connection. Tap again later"));
}

/** Whether our server answers: a browser that is “online” may be so in a cellar or a guest network only. */
async function isReachable() {
  if (!navigator.onLine) return false;
  const answer = await fetch("/crew/offline", { cache: "no-store", signal: AbortSignal.timeout(LEAVE_MS) }).catch(() => null);
  // Whoever was signed out already is led to the page to sign in.
  return Boolean(answer && (answer.redirected || answer.headers.has("X-OneVisit-Person")));
}

/** Leave no pages of one's own behind on this phone. @param {SubmitEvent} event @param {HTMLFormElement} form */
async function leave(event, form) {
  event.preventDefault();
  const isOut = form.getAttribute("action") === "/sign-out";
  if (!(await isReachable())) return stop(event, isOut ? t("Signing out needs a connection. You are still signed in") : notSent());
  const count = Number(bar.dataset.count);
  const question = n(
    "%(count)s thing is not sent. It stays on this phone and is sent once you sign in here again. Sign out?",
    "%(count)s things are not sent. They stay on this phone and are sent once you sign in here again. Sign out?",
    count,
  );
  if (isOut && count && !window.confirm(question)) return;
  await forgetPages();
  form.submit();
}

/** Have all tickets of the day on the phone; tried again until they are. */
async function keepPages() {
  clearTimeout(again);
  const day = document.getElementById("day");
  if (!day || keptAt() || !("serviceWorker" in navigator)) return;
  again = setTimeout(register, AGAIN_MS);
  const registration = await navigator.serviceWorker.ready;
  const entries = (day.dataset.keep ?? "").split(" ").filter(Boolean);
  registration.active?.postMessage({ keep: Object.fromEntries(entries.map((each) => each.split(":"))), language: document.documentElement.lang });
}

/** Have a worker; without one the pages work as long as there is a connection. */
function register() {
  navigator.serviceWorker?.register("/crew/worker.js", { scope: "/crew" }).then(keepPages, () => undefined);
}

/** All of today is on this phone, or was not fetched whole. @param {MessageEvent} event */
function hear({ data }) {
  if (data.isWhole) clearTimeout(again);
  if ("isWhole" in data) document.documentElement.dataset.today = data.isWhole ? "kept" : "part";
}

function begin() {
  for (const each of document.querySelectorAll("[data-no-worker]")) each.toggleAttribute("hidden", "serviceWorker" in navigator);
  // Whoever signed out on a page without this script comes to the page to sign in.
  if (!person && !keptAt()) forgetPages();
  navigator.serviceWorker?.addEventListener("message", hear);
  document.addEventListener("submit", take, true);
  document.addEventListener("click", follow, true);
  window.addEventListener("online", () => (stopped = ""));
  onChange(show);
  onSending(async (answered) => {
    if (answered) stopped = "";
    if ((answered || keptAt()) && !sending.isSending && !isCut()) await drawAnew();
    await show();
  });
  document.addEventListener("crew-drawn", () => {
    delete document.documentElement.dataset.kept;
    show().then(keepPages);
  });
  register();
  laid = show().then(() => document.documentElement.setAttribute("data-laid", ""));
  if (window.indexedDB) measureOffset().then(keepSending, keepSending);
}

begin();
