/* How far are my exports, and which of them has just ended? */
import { getJson } from "../shared/http.js";

const EVERY_MS = 1_000;

/** Put the list of the page as it is now in the place of the one that is shown. */
async function renew() {
  const answer = await fetch("/circle/exports", { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const list = fresh.getElementById("exports");
  const shown = document.getElementById("exports");
  if (!list || !shown) return;
  const held = shown.contains(document.activeElement)
    ? document.activeElement?.closest("li")?.id
    : undefined;
  shown.replaceChildren(...list.childNodes);
  if (held) {
    /** @type {HTMLElement | null | undefined} */
    const button = document.getElementById(held)?.querySelector("a.button, button");
    button?.focus();
  }
}

/** Show how far an export is; true when it is in another state than shown.
 * @param {{key: string, state: string, percent: number, said: string, news: string}} one */
function show(one) {
  const item = document.getElementById(one.key);
  if (!item) return true;
  if (item.dataset.state !== one.state) {
    const news = document.getElementById("export-news");
    if (news && one.news) news.textContent = one.news;
    return true;
  }
  const bar = item.querySelector("progress");
  const said = item.querySelector("[data-said]");
  if (bar) bar.value = one.percent;
  if (said && said.textContent !== one.said) said.textContent = one.said;
  return false;
}

/** Follow the exports as long as one of them waits or runs. */
async function follow() {
  try {
    const { body } = await getJson("/circle/exports/progress");
    if (body.exports.map(show).some(Boolean)) await renew();
  } catch {
    // The next round asks again.
  }
  if (document.querySelector("[data-state=queued], [data-state=running]")) {
    setTimeout(() => void follow(), EVERY_MS);
  }
}

if (document.querySelector("[data-state=queued], [data-state=running]")) {
  setTimeout(() => void follow(), EVERY_MS);
}
document.documentElement.dataset.ready = "exports";
