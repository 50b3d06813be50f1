/* How does the circle stay fresh, and when is its chart drawn? */
import { formatTime, t } from "../shared/i18n.js";

const REFRESH_MS = 60_000;
const root = document.documentElement;
/** @type {(() => void) | null} */
let putAway = null;
let updatedAt = Date.now();

function shown() {
  return /** @type {HTMLElement} */ (document.getElementById("circle"));
}

/** Draw the chart once it comes into view; its library is large and most visits end above it. */
function watchChart() {
  const place = document.getElementById("hours-chart");
  const table = place?.parentElement?.querySelector("details.as-table");
  if (!place) {
    root.dataset.ready = "circle";
    return;
  }
  place.hidden = false;
  if (table instanceof HTMLDetailsElement && !table.dataset.touched) table.open = false;
  const observer = new IntersectionObserver(async (entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    const { drawHours } = await import("./hours.js");
    if (place.isConnected) putAway = await drawHours(place);
  }, { rootMargin: "200px" });
  observer.observe(place);
  root.dataset.ready = "circle";
}

/** Remember which drawers are open, so that a refresh leaves them as they are. */
function openDrawers() {
  return [...shown().querySelectorAll("details")].map((drawer) => drawer.open);
}

/** @param {string} words @param {string} [tone] */
function say(words, tone = "") {
  const place = document.getElementById("refresh-state");
  if (place) {
    place.textContent = words;
    place.dataset.tone = tone;
  }
}

async function refresh() {
  if (document.hidden || shown().dataset.live !== "yes") return;
  try {
    const answer = await fetch(window.location.href, { credentials: "same-origin" });
    if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    replaceWith(page);
    updatedAt = Date.now();
    say("");
  } catch {
    say(t("Reconnecting; figures from %(time)s", { time: formatTime(updatedAt) }), "warn");
  }
}

/** @param {Document} page */
function replaceWith(page) {
  const fresh = page.getElementById("circle");
  if (!fresh) throw new Error("not the circle");
  const drawers = openDrawers();
  putAway?.();
  putAway = null;
  shown().replaceWith(document.adoptNode(fresh));
  const found = [...shown().querySelectorAll("details")];
  if (found.length === drawers.length) {
    found.forEach((drawer, index) => {
      drawer.open = drawers[index];
      drawer.dataset.touched = "yes";
    });
  }
  const asOf = page.getElementById("as-of");
  if (asOf) document.getElementById("as-of")?.replaceWith(document.adoptNode(asOf));
  watchChart();
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && Date.now() - updatedAt >= REFRESH_MS) void refresh();
});
setInterval(() => void refresh(), REFRESH_MS);
watchChart();
