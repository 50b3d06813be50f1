/* Where was a stop of the round ended, and was it ended once? */
import { forgetWords, sendOnce } from "./once.js";
import { position } from "./position.js";

forgetWords();
sendOnce(async (form) => {
  const found = await position();
  if (!found) return;
  form.elements.namedItem("lat").value = found.coords.latitude;
  form.elements.namedItem("lon").value = found.coords.longitude;
  form.elements.namedItem("accuracy").value = found.coords.accuracy;
});
