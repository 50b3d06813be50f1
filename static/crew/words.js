/* How does nothing that was typed get lost when the phone dies? */
import { sendOnce } from "./once.js";

const form = document.querySelector("form[data-words]");
const words = form.querySelector("textarea");
const place = `words/${form.dataset.words}`;

/** @param {(store: Storage) => string | null | void} use */
function stored(use) {
  try {
    return use(localStorage);
  } catch {
    return null;
  }
}

if (!words.value) words.value = stored((store) => store.getItem(place)) ?? "";
words.addEventListener("input", () => stored((store) => store.setItem(place, words.value)));
// What was typed is forgotten only by the page that says it was saved.
sendOnce();
