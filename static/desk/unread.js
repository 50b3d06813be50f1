/* Which tickets changed since the person at this browser last looked at them? */
import { signal } from "/static/vendor/preact.js";

/** @typedef {{since: number, seen: Record<string, number>}} Known from when on, and the version seen of each ticket */

const PREFIX = "desk-seen:";

/** A full or forbidden store forgets what was seen when the page is closed. @param {number} user */
export function openSeen(user) {
  const key = `${PREFIX}${user}`;
  /** @returns {Known} */
  const read = () => {
    try {
      const kept = JSON.parse(localStorage.getItem(key) ?? "null");
      if (Number.isFinite(kept?.since) && kept.seen && typeof kept.seen === "object") return kept;
    } catch { /* what cannot be read is begun anew */ }
    return { since: 0, seen: {} };
  };
  const known = signal(read());
  const write = (/** @type {Known} */ next) => {
    known.value = next;
    try {
      localStorage.setItem(key, JSON.stringify(next));
    } catch { /* see above */ }
  };
  addEventListener("storage", (event) => { if (event.key === key) known.value = read(); });
  return {
    /** Begin: all that is here counts as seen. @param {number} now the server's clock, milliseconds */
    begin: (now) => { if (!known.peek().since) write({ since: now, seen: {} }); },
    /** @param {Record<string, any>} ticket */
    isUnread: (ticket) => {
      const { since, seen } = known.value;
      const version = seen[ticket.number];
      return since > 0 && (version === undefined ? Date.parse(ticket.changed_at) > since : ticket.version > version);
    },
    /** Note what is on the screen; what is no longer open is forgotten. @param {Record<string, any>[]} shown @param {Map<string, any>} open */
    look: (shown, open) => {
      const { since, seen } = known.peek();
      if (!since || shown.every((ticket) => seen[ticket.number] >= ticket.version)) return;
      const left = Object.entries(seen).filter(([number]) => open.has(number));
      write({ since, seen: { ...Object.fromEntries(left), ...Object.fromEntries(shown.map((ticket) => [ticket.number, ticket.version])) } });
    },
    /** All is read from now on. @param {number} now */
    lookAtAll: (now) => write({ since: now, seen: {} }),
  };
}
