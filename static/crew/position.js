/* Where is the phone? */

export const POSITION_MS = 5_000;

/** @returns {Promise<GeolocationPosition | null>} */
export function position() {
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
