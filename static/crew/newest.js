/* What does this page look like on the server now? */

/** Names the tag of the bell, so that its own script need not ask as well. */
const BELL = "X-OneVisit-Bell";

/**
 * Fetch the page again and return one element of it, with the tag of the page in `dataset.tag`; null
 * when the server cannot be asked, or says that the page is still that of a tag.
 * @param {string} selector @param {string} [tag] @returns {Promise<HTMLElement | null>}
 */
export async function newest(selector, tag = "") {
  if (document.hidden) return null;
  try {
    const headers = { [BELL]: "tell", ...(tag ? { "If-None-Match": tag } : {}) };
    const answer = await fetch(location.pathname, { credentials: "same-origin", headers });
    document.dispatchEvent(new CustomEvent("bell-told", { detail: answer.headers.get(BELL) }));
    if (!answer.ok || answer.redirected) return null;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = /** @type {HTMLElement | null} */ (page.querySelector(selector));
    if (found) found.dataset.tag = answer.headers.get("ETag") ?? "";
    return found;
  } catch {
    return null;
  }
}
