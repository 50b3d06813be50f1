/* How does the form for news of interruptions take a place from the phone or the map? */
import { choosePlace } from "./place.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("subscribe"));
choosePlace(form, () => undefined)();
/** @type {HTMLElement | null} */ (document.querySelector("[data-problem]"))?.focus();
