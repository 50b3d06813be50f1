/* What waits for me on this page, and does anybody watch the promises? */

const centre = document.getElementById("alert-centre");
const FIRST = 300;
const HIDDEN = 15_000;
const LONGEST = 10_000;
/** So long nothing is asked where the page's own questions bring the tag of the bell. */
const TOLD = 60_000;
/** @type {string | null} */
let etag = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let failures = 0;
let isAsking = false;

const bell = () => /** @type {HTMLDetailsElement | null} */ (centre?.querySelector("details") ?? null);

/** Show what the server drew, keeping the panel open and the focus where it was. @param {string} text */
function show(text) {
  if (!centre) return;
  const drawn = new DOMParser().parseFromString(text, "text/html").body;
  const banners = drawn.querySelectorAll("[data-clockwork], [data-storm]");
  const place = document.getElementById("clockwork-banner");
  if (place) place.replaceChildren(...banners);
  const wasOpen = bell()?.open ?? false;
  const focused = focusPlace();
  centre.replaceChildren(...drawn.childNodes);
  const panel = bell();
  if (panel) panel.open = wasOpen;
  focus(focused);
}

/** Remember what of the panel has the focus: the bell, or the how-manieth alert and which. */
function focusPlace() {
  const active = document.activeElement;
  if (!centre?.contains(active)) return null;
  const item = active?.closest("[data-alert]");
  if (!item) return { id: "", at: -1 };
  const items = [...centre.querySelectorAll("[data-alert]")];
  return { id: item.getAttribute("data-alert") ?? "", at: items.indexOf(item) };
}

/** @param {{id: string, at: number} | null} place */
function focus(place) {
  if (!place || !centre) return;
  const items = [...centre.querySelectorAll("[data-alert]")];
  const item = items.find((each) => each.getAttribute("data-alert") === place.id) ?? items[Math.min(place.at, items.length - 1)];
  const target = /** @type {HTMLElement | null} */ (item?.querySelector("button") ?? centre.querySelector("summary"));
  target?.focus();
}

async function ask() {
  clearTimeout(timer);
  if (isAsking || !centre) return;
  isAsking = true;
  try {
    const headers = etag ? { "If-None-Match": etag } : undefined;
    const options = { headers, cache: /** @type {RequestCache} */ ("no-store"), signal: AbortSignal.timeout(LONGEST) };
    const answer = await fetch("/alerts/centre", options);
    if (answer.ok && !answer.redirected) {
      show(await answer.text());
      etag = answer.headers.get("ETag");
    }
    failures = 0;
  } catch {
    failures += 1;
  } finally {
    isAsking = false;
    const every = Number(centre.dataset.every);
    const pause = Math.max(every, document.hidden ? HIDDEN : 0);
    timer = setTimeout(ask, Math.max(every, Math.min(HIDDEN, pause * 2 ** Math.min(failures, 3))));
  }
}

/** Ask at once where the bell has another tag by now, else not for a while. @param {Event} event */
function hear(event) {
  const { detail } = /** @type {CustomEvent<string>} */ (event);
  if (!detail || isAsking) return;
  if (!etag?.includes(detail)) return ask();
  clearTimeout(timer);
  timer = setTimeout(ask, TOLD);
}

/** Take note without leaving the page. @param {SubmitEvent} event */
async function takeNote(event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  event.preventDefault();
  const button = form.querySelector("button");
  if (button) button.setAttribute("aria-busy", "true");
  try {
    await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
  } finally {
    etag = null;
    ask();
  }
}

/** @param {KeyboardEvent} event */
function key(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  const panel = bell();
  if (!panel) return;
  if (event.key === "Escape" && panel.open) {
    panel.open = false;
    panel.querySelector("summary")?.focus();
  }
  const types = target.closest?.("input, textarea, select, [contenteditable], dialog[open]");
  if (event.key !== "A" || !event.shiftKey || event.ctrlKey || event.metaKey || event.altKey || types) return;
  event.preventDefault();
  panel.open = true;
  /** @type {HTMLElement | null} */ (panel.querySelector("li button") ?? panel.querySelector("summary"))?.focus();
}

if (centre) {
  centre.addEventListener("submit", takeNote);
  document.addEventListener("keydown", key);
  document.addEventListener("click", (event) => {
    const panel = bell();
    if (panel?.open && !panel.contains(/** @type {Node} */ (event.target))) panel.open = false;
  });
  document.addEventListener("visibilitychange", () => document.hidden || ask());
  document.addEventListener("bell-told", hear);
  timer = setTimeout(ask, FIRST);
}
