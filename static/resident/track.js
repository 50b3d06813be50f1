/* How does the page follow the ticket by itself? */
import { forget } from "./kept.js";

const POLL_MS = 20_000;
const title = document.title;

async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.pathname, { credentials: "same-origin" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById("track");
    const shown = document.getElementById("track");
    // A person who is about to answer keeps the button under the finger.
    if (!found || shown.contains(document.activeElement)) return;
    shown.replaceWith(found);
    document.title = page.title || title;
  } catch {
    return;
  }
}

forget();
setInterval(look, POLL_MS);
document.addEventListener("visibilitychange", look);
