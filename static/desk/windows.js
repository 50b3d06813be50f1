/* How do the windows of one browser stay in step, with one of them asking the server for all? */
import { effect } from "/static/vendor/preact.js";
import { language } from "/static/shared/i18n.js";
import { facts, selected } from "./store.js";

/** Which part of the desk this window shows: "map", "list", or all of it. */
export const only = ["map", "list"].find((part) => part === new URLSearchParams(location.search).get("only")) ?? null;

/** Whether this window is the wall of the control room: it chooses nothing. */
export const isWall = new URLSearchParams(location.search).has("wall");

// Answers are worded in the reader's language and for the reader's eyes.
const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(`desk:${facts.user}:${language}`) : null;

/** Tell the other windows. @param {"answer" | "fresh" | "select"} kind @param {unknown} [what] */
export const share = (kind, what) => channel?.postMessage({ kind, what });

/** @param {"answer" | "fresh" | "select"} kind @param {(what: any) => void} take */
export function hear(kind, take) {
  channel?.addEventListener("message", ({ data }) => { if (data?.kind === kind) take(data.what); });
}

/** Choose in all windows what is chosen in one; what an address names at the beginning stays its own. */
export function keepInStep() {
  let known = selected.peek();
  hear("select", (number) => {
    known = number;
    selected.value = number;
  });
  effect(() => {
    if (selected.value === known) return;
    known = selected.value;
    share("select", known);
  });
}
