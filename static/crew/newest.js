/* What does this page look like on the server now? */

/**
 * Fetch the page again and return one element of it, or null when the server cannot be asked.
 * @param {string} selector @returns {Promise<HTMLElement | null>}
 */
export async function newest(selector) {
  if (document.hidden) return null;
  try {
    const answer = await fetch(location.pathname, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return null;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.querySelector(selector);
  } catch {
    return null;
  }
}
