/* Which form token does the server take now? */

const TIMEOUT_MS = 30_000;

/** Fetch a form token of now: that of a page from this phone may be of a session long ended. */
export async function newToken() {
  const answer = await fetch("/crew/unsent", { credentials: "same-origin", signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(() => null);
  const drawn = answer?.ok && !answer.redirected ? await answer.text() : "";
  const found = new DOMParser().parseFromString(drawn, "text/html").querySelector('meta[name="csrf-token"]');
  if (found) document.querySelector('meta[name="csrf-token"]')?.setAttribute("content", found.getAttribute("content") ?? "");
  return Boolean(found);
}
