/* How does the one long form become three short steps, with a position and a pin? */
import { forget, keep, recall } from "./kept.js";
import { choosePlace } from "./place.js";

const form = document.getElementById("report");
const part = (/** @type {string} */ name) => form.querySelector(`[data-${name}]`);
const [back, next, send, parts] = ["back", "next", "send", "parts"].map(part);
const WHERE = 2;
const LAST = 3;

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

const showPlace = choosePlace(form, (place) => {
  if (place) part("nowhere").hidden = true;
  keep(form);
});
form.addEventListener("input", () => {
  if (hasPlace()) part("nowhere").hidden = true;
  keep(form);
});

if (!part("problem") && !document.querySelector("[data-problem]")) recall(form);
showPlace();
parts.hidden = false;
show(Number(faulty?.dataset.part ?? (document.querySelector("[data-problem]") ? LAST : 1)));
document.querySelector("[data-problem]")?.focus();
form.addEventListener("reset", forget);
