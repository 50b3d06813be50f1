/* Do single letters do anything on the desk, for this person in this browser? */
import { signal } from "/static/vendor/preact.js";
import { facts } from "./store.js";

const KEY = `desk-keys:${facts.user}`;

function read() {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return true;
  }
}

export const singleKeys = signal(read());
addEventListener("storage", (event) => { if (event.key === KEY) singleKeys.value = read(); });

/** @param {boolean} isOn */
export function setSingleKeys(isOn) {
  singleKeys.value = isOn;
  try {
    localStorage.setItem(KEY, isOn ? "on" : "off");
  } catch { /* kept until the page is closed */ }
}
