/* What of a call that is being typed is kept on this machine, for whom, and for how long? */
const KEPT_HOURS = 12;
const PREFIX = "desk-call:";

/**
 * Open the one draft of a person; it goes when that person signs out, and every old one goes now.
 * A full or forbidden store loses the draft alone.
 * @param {number} user
 */
export function openDraft(user) {
  const key = `${PREFIX}${user}`;
  const remove = () => attempt(() => localStorage.removeItem(key));
  attempt(dropOld);
  for (const form of document.querySelectorAll('form[action="/sign-out"]')) form.addEventListener("submit", remove);
  return {
    /** @returns {Record<string, any> | null} */
    read: () => attempt(() => JSON.parse(localStorage.getItem(key) ?? "null")),
    /** @param {Record<string, any>} words */
    write: (words) => attempt(() => localStorage.setItem(key, JSON.stringify({ ...words, kept_at: Date.now() }))),
    remove,
  };
}

/** Drop what was typed too long ago, whoever typed it, and what cannot be read. */
function dropOld() {
  const since = Date.now() - KEPT_HOURS * 3_600_000;
  for (const key of Object.keys(localStorage).filter((each) => each.startsWith("desk-call"))) {
    const draft = attempt(() => JSON.parse(localStorage.getItem(key) ?? "null"));
    if (!key.startsWith(PREFIX) || !(draft?.kept_at > since)) localStorage.removeItem(key);
  }
}

/** @template T @param {() => T} act @returns {T | null} */
function attempt(act) {
  try {
    return act();
  } catch {
    return null;
  }
}
