/* Can the handover be printed from its page? */
const button = /** @type {HTMLButtonElement | null} */ (document.getElementById("print"));
if (button) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
document.documentElement.dataset.ready = "true";
