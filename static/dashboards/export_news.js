/* Has an export ended while another page of the circle is open? */
import { getJson } from "../shared/http.js";

const EVERY_MS = 15_000;
const notice = /** @type {HTMLElement} */ (document.getElementById("exports-notice"));
const words = /** @type {HTMLElement} */ (notice.querySelector("[role=status]"));

/** Ask again as long as an export waits or is made. */
async function follow() {
  let going = 1;
  try {
    const { body } = await getJson("/circle/exports/progress");
    going = body.notice.going;
    if (words.textContent !== body.notice.words) words.textContent = body.notice.words;
    notice.hidden = !body.notice.words;
  } catch {
    // The next round asks again.
  }
  if (going) setTimeout(() => void follow(), EVERY_MS);
}

setTimeout(() => void follow(), EVERY_MS);
