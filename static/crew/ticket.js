/* Where was the tap made, was it made once, and did the ticket change meanwhile? */
import { newest } from "./newest.js";
import { forgetWords, sendOnce } from "./once.js";
import { keepLooking } from "./pace.js";
import { position } from "./position.js";
import "./ring.js";

const POLL_MS = 15_000;

/** @param {HTMLFormElement} form */
async function addPosition(form) {
  const found = await position();
  if (!found) return;
  form.elements.namedItem("lat").value = found.coords.latitude;
  form.elements.namedItem("lon").value = found.coords.longitude;
  form.elements.namedItem("accuracy").value = found.coords.accuracy;
}

forgetWords();
sendOnce(async (form) => {
  if (form.hasAttribute("data-position")) await addPosition(form);
});

keepLooking(async () => {
  const found = await newest("#ticket");
  const shown = document.getElementById("ticket");
  if (!found || !shown || found.dataset.seen === shown.dataset.seen) return;
  shown.querySelector("[data-changed]").hidden = false;
}, POLL_MS);
