/* Which tickets does the crew have now, and did a new one come? */
import { t } from "/static/shared/i18n.js";
import { newest } from "./newest.js";
import { forgetWords } from "./once.js";
import { keepLooking } from "./pace.js";
import { countRings } from "./ring.js";
import { lifted } from "./thumb.js";

const POLL_MS = 10_000;
const bell = document.querySelector("[data-sound]");
const news = document.querySelector("[data-news]");
/** @type {AudioContext | null} */
let audio = null;

function isOn() {
  try {
    return localStorage.getItem("crew-sound") === "on";
  } catch {
    return false;
  }
}

function showBell() {
  bell.hidden = false;
  bell.setAttribute("aria-pressed", String(isOn()));
  bell.querySelector("[data-on]").hidden = !isOn();
  bell.querySelector("[data-off]").hidden = isOn();
}

function ring() {
  navigator.vibrate?.([200, 100, 200]);
  audio ??= new AudioContext();
  for (const [offset, pitch] of [[0, 660], [0.18, 880]]) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const at = audio.currentTime + offset;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.25, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.16);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.17);
  }
}

bell.addEventListener("click", () => {
  try {
    localStorage.setItem("crew-sound", isOn() ? "off" : "on");
  } catch {
    return;
  }
  showBell();
  // A browser lets a page sound only after a tap, so the tap sounds once as a test.
  if (isOn()) ring();
});

/** @param {HTMLElement} day */
const numbersOf = (day) => new Set((day.dataset.numbers ?? "").split(" ").filter(Boolean));

/** @param {string} [tag] of what is shown: nothing comes while it is the newest */
async function look(tag = "") {
  const found = await newest("#day", tag);
  await lifted();
  const shown = document.getElementById("day");
  if (!found || !shown) return;
  shown.dataset.tag = found.dataset.tag;
  if (found.innerHTML === shown.dataset.source) {
    if (found.dataset.keep === shown.dataset.keep) return;
    shown.dataset.keep = found.dataset.keep;
    document.dispatchEvent(new Event("crew-drawn"));
    return;
  }
  const known = numbersOf(shown);
  const added = [...numbersOf(found)].filter((number) => !known.has(number));
  const focused = document.activeElement?.getAttribute("data-number");
  const source = found.innerHTML;
  shown.replaceWith(found);
  found.dataset.source = source;
  countRings(found);
  document.dispatchEvent(new Event("crew-drawn"));
  if (focused) found.querySelector(`[data-number="${focused}"]`)?.focus();
  if (added.length === 0) return;
  news.textContent = t("A new ticket came: %(numbers)s", { numbers: added.join(", ") });
  if (isOn()) ring();
}

forgetWords();
showBell();
keepLooking((wasAway) => look(wasAway ? "" : document.getElementById("day")?.dataset.tag), POLL_MS);
document.addEventListener("crew-look", () => look());
