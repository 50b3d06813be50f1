/* How are reporters called, one after the other, without a mouse? */

const CALLS = "a[data-call]";

/** @param {EventTarget | null} target */
const isTyping = (target) => target instanceof HTMLElement && /^(TEXTAREA|SELECT)$/.test(target.tagName);

/** @param {HTMLElement} target */
function press(target) {
  if (target instanceof HTMLButtonElement) target.click();
  else target.focus();
  if (target instanceof HTMLInputElement) target.checked = true;
}

/** @param {number} step */
function move(step) {
  const links = [...document.querySelectorAll(CALLS)];
  const at = links.findIndex((link) => link === document.activeElement);
  /** @type {HTMLElement | undefined} */ (links[at < 0 ? 0 : Math.min(Math.max(at + step, 0), links.length - 1)])?.focus();
}

/** @param {KeyboardEvent} event */
function score(event) {
  const digit = /^Digit([1-5])$/.exec(event.code)?.[1];
  if (!digit) return false;
  const name = event.shiftKey ? "result" : "process";
  /** @type {HTMLElement | null} */
  const found = document.querySelector(`input[name="${name}"][value="${digit}"]`);
  if (found) press(found);
  return Boolean(found);
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (isTyping(event.target)) {
    if (event.key === "Escape") /** @type {HTMLElement} */ (event.target).blur();
    return;
  }
  if (score(event)) return event.preventDefault();
  if (event.key === "j" || event.key === "k") return move(event.key === "j" ? 1 : -1);
  // A link or a button that has the focus takes the Enter itself.
  if (event.key === "Enter" && document.activeElement?.matches("a, button")) return;
  /** @type {HTMLElement | null} */
  const found = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!found) return;
  event.preventDefault();
  press(found);
}

document.addEventListener("keydown", pressed);
/** @type {HTMLElement | null} */ (document.getElementById("call-title"))?.focus();
document.documentElement.dataset.ready = "";
