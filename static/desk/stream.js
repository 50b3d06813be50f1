/* Does the server say by itself that something has changed, so that the desk need not ask so often? */
import { facts } from "./store.js";

/** The server gives a sign of life every 8 s; a line that is cut or held back by a proxy is found out by its silence. */
const SILENT = 25_000;
const FIRST_WITHIN = 6_000;
const AGAIN = 60_000;
/** Promises run late and people look at tickets without any ticket changing, so the desk asks all the same. */
const CALM = 5_000;
const CREWS_WITHIN = 1_000;
const KINDS = ["tickets", "crews", "beat"];

const name = `stream:${facts.user}`;
const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(name) : null;
let heardAt = 0;

/** How long to wait before asking again: longer while the stream is whole. @param {number} usual milliseconds */
export const pause = (usual) => (Date.now() - heardAt < SILENT ? CALM : usual);

/** Open the one stream of this browser's windows, where there is one; `soon` asks within so many milliseconds. @param {(ms: number) => void} soon */
export function follow(soon) {
  if (!facts.stream || !channel || !("EventSource" in globalThis) || !navigator.locks) return;
  /** @param {string} kind @param {number} spread milliseconds over which all desks are to ask */
  const heard = (kind, spread) => {
    const isWhole = kind !== "cut";
    heardAt = isWhole ? Date.now() : 0;
    if (kind === "tickets") soon(Math.random() * spread + (document.hidden ? CREWS_WITHIN : 0));
    else if (kind === "crews") soon(CREWS_WITHIN + Math.random() * (spread + CREWS_WITHIN / 2));
    else if (!isWhole) soon(CREWS_WITHIN);
  };
  channel.addEventListener("message", ({ data }) => heard(data.kind, data.spread));
  // The lock is given back when this window is gone; the next one then opens its own.
  navigator.locks.request(name, () => new Promise(() => open((kind, spread) => {
    channel.postMessage({ kind, spread });
    heard(kind, spread);
  }))).catch(() => {});
}

/** @param {(kind: string, spread: number) => void} tell */
function open(tell) {
  const source = new EventSource(facts.stream, { withCredentials: true });
  let watch = setTimeout(lose, FIRST_WITHIN);
  for (const kind of KINDS) {
    source.addEventListener(kind, ({ data }) => {
      clearTimeout(watch);
      watch = setTimeout(lose, SILENT);
      tell(kind, Number(data));
    });
  }
  source.addEventListener("error", () => {
    // The browser connects again by itself unless it was refused.
    if (source.readyState === EventSource.CLOSED) lose();
    else tell("cut", 0);
  });
  function lose() {
    clearTimeout(watch);
    source.close();
    tell("cut", 0);
    setTimeout(() => open(tell), AGAIN * (0.5 + Math.random()));
  }
}
