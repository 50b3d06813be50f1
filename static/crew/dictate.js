/* How does a crew say a note aloud where the browser can write it down? */
import { t } from "/static/shared/i18n.js";

const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition;
const button = document.querySelector("[data-dictate]");
const said = document.querySelector("[data-dictate-said]");
const words = /** @type {HTMLTextAreaElement | null} */ (document.getElementById("words"));
/** @type {any} */
let hearing = null;

/** Put what was heard behind what stands there; it is kept like what is typed. @param {string} heard */
function add(heard) {
  const gap = document.documentElement.lang.startsWith("zh") ? "" : " ";
  words.value = [words.value.trimEnd(), heard.trim()].filter(Boolean).join(gap).slice(0, words.maxLength);
  words.dispatchEvent(new Event("input", { bubbles: true }));
}

/** @param {string} [trouble] why it ended by itself, in the browser's word */
function end(trouble) {
  hearing = null;
  button.setAttribute("aria-pressed", "false");
  if (trouble === "not-allowed") said.textContent = t("This browser may not use the microphone. Use the one of the keyboard, or type.");
  else if (trouble) said.textContent = t("Nothing was written down; it may need a connection. Use the microphone of the keyboard, or type.");
  else said.textContent = "";
}

function begin() {
  hearing = Object.assign(new Recognition(), { lang: document.documentElement.lang, continuous: true });
  let trouble = "";
  hearing.addEventListener("result", ({ results, resultIndex }) => add(results[resultIndex][0].transcript));
  hearing.addEventListener("error", ({ error }) => (trouble = error));
  hearing.addEventListener("end", () => end(trouble));
  hearing.start();
  button.setAttribute("aria-pressed", "true");
  said.textContent = t("Speak now, and tap again when you are done. The browser may send your voice to its maker to write it down.");
}

if (Recognition && button && words) {
  button.hidden = false;
  button.addEventListener("click", () => (hearing ? hearing.stop() : begin()));
}
