/* How does the one long form become three short steps, with a position and a pin? */
import { t } from "/static/shared/i18n.js";
import { forget, keep, recall } from "./kept.js";
import { showNotices } from "./notices.js";

const form = document.getElementById("report");
const part = (/** @type {string} */ name) => form.querySelector(`[data-${name}]`);
const [back, next, send, parts] = ["back", "next", "send", "parts"].map(part);
const WHERE = 2;
const LAST = 3;
const POSITION_MS = 10_000;
const NEAR_ENOUGH_METRES = 100;

let isGathering = false;
/** Take over the field for photos; where they cannot be kept they are sent with the form, as without a script. */
function gatherPhotos() {
  if (isGathering) return;
  isGathering = true;
  const field = part("photos");
  import(field.dataset.script).then(({ gather }) => gather(field, send)).catch(() => undefined);
}

/** @param {number} step @param {boolean} [isTurned] whether a person turned the page */
function show(step, isTurned = false) {
  form.dataset.step = String(step);
  back.hidden = step === 1;
  next.hidden = step === LAST;
  send.hidden = step !== LAST;
  if (step === LAST) gatherPhotos();
  for (const each of parts.children) {
    const number = Number(each.dataset.for);
    each.classList.toggle("done", number < step);
    if (number === step) each.setAttribute("aria-current", "step");
    else each.removeAttribute("aria-current");
  }
  if (!isTurned) return;
  window.scrollTo(0, 0);
  form.querySelector(`[data-part="${step}"] h2`).focus();
}

const step = () => Number(form.dataset.step);

/** Whether there is something that leads a crew to the fault. */
const hasPlace = () => ["lat", "address", "account"].some((name) => form.elements.namedItem(name).value.trim());

/** Turn to the next part, unless the place is missing: the server would refuse it at the end. */
function goOn() {
  const isMissing = step() === WHERE && !hasPlace();
  part("nowhere").hidden = !isMissing;
  if (isMissing) form.elements.namedItem("address").focus();
  else show(step() + 1, true);
}

const faulty = form.querySelector(".part:has(.error:not([hidden]))");

back.addEventListener("click", () => show(step() - 1, true));
next.addEventListener("click", goOn);
form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || step() === LAST || event.target.tagName !== "INPUT") return;
  event.preventDefault();
  goOn();
});
form.addEventListener("submit", (event) => {
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => delete form.dataset.sent);

/** @param {{lat: number, lon: number, accuracy?: number, source: string} | null} place */
function setPlace(place) {
  for (const name of ["lat", "lon", "accuracy", "source"]) {
    form.elements.namedItem(name).value = place?.[name] ?? "";
  }
  part("placed").hidden = !place;
  part("lost").hidden = true;
  if (place) part("placed-words").textContent = wordsFor(place);
  if (place) part("nowhere").hidden = true;
  showNotices(part("notices"), place);
  keep(form);
}

/** @param {{accuracy?: number, source: string}} place */
function wordsFor({ accuracy, source }) {
  if (source !== "gps") return t("The pin is set.");
  const metres = Math.round(accuracy ?? 0);
  if (metres <= NEAR_ENOUGH_METRES) {
    return t("Your position is added, exact to %(metres)s m.", { metres });
  }
  return t("Your position is added, but only to %(metres)s m. Please add the address.", { metres });
}

function complain() {
  part("lost").hidden = false;
  part("lost-words").textContent = t(
    "Your position could not be found. Type the address, or set a pin on the map.",
  );
}

part("locate").addEventListener("click", (event) => {
  const button = event.currentTarget;
  if (!navigator.geolocation) return complain();
  button.setAttribute("aria-busy", "true");
  const done = () => button.removeAttribute("aria-busy");
  return navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      done();
      const { latitude: lat, longitude: lon, accuracy } = coords;
      setPlace({ lat, lon, accuracy, source: "gps" });
    },
    () => {
      done();
      complain();
    },
    { enableHighAccuracy: true, timeout: POSITION_MS, maximumAge: 30_000 },
  );
});

part("open-map").addEventListener("click", async (event) => {
  const button = event.currentTarget;
  const { openMap } = await import(button.dataset.script);
  button.hidden = true;
  const { lat, lon } = Object.fromEntries(new FormData(form));
  const start = lat && lon ? { lat: Number(lat), lon: Number(lon) } : null;
  await openMap(part("map"), start, (place) => setPlace({ ...place, source: "pin" }));
});

part("forget").addEventListener("click", () => setPlace(null));
form.addEventListener("input", () => {
  if (hasPlace()) part("nowhere").hidden = true;
  keep(form);
});

if (!part("problem") && !document.querySelector("[data-problem]")) recall(form);
if (form.elements.namedItem("lat").value) {
  const { accuracy, source } = Object.fromEntries(new FormData(form));
  part("placed").hidden = false;
  part("placed-words").textContent = wordsFor({ accuracy: Number(accuracy), source });
  showNotices(part("notices"), { lat: Number(form.elements.namedItem("lat").value), lon: Number(form.elements.namedItem("lon").value) });
}
parts.hidden = false;
part("position").hidden = false;
show(Number(faulty?.dataset.part ?? (document.querySelector("[data-problem]") ? LAST : 1)));
document.querySelector("[data-problem]")?.focus();
form.addEventListener("reset", forget);
