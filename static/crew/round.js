/* Where was a stop of the round ended, and was it ended once? */
import { sendOnce } from "./once.js";

const POSITION_MS = 5_000;

/** @returns {Promise<GeolocationPosition | null>} */
function position() {
  if (!navigator.geolocation) return Promise.resolve(null);
  return new Promise((answer) => {
    // A browser that waits for the person's leave does not time out by itself.
    setTimeout(answer, POSITION_MS + 500, null);
    navigator.geolocation.getCurrentPosition(answer, () => answer(null), {
      enableHighAccuracy: true,
      maximumAge: 15_000,
      timeout: POSITION_MS,
    });
  });
}

sendOnce(async (form) => {
  const found = await position();
  if (!found) return;
  form.elements.namedItem("lat").value = found.coords.latitude;
  form.elements.namedItem("lon").value = found.coords.longitude;
  form.elements.namedItem("accuracy").value = found.coords.accuracy;
});
