/* How does a resident say where something is: by the phone's position, or by a pin on the map? */
import { t } from "/static/shared/i18n.js";
import { showNotices } from "./notices.js";

const POSITION_MS = 10_000;
const NEAR_ENOUGH_METRES = 100;

/** @typedef {{lat: number, lon: number, accuracy?: number, source: string}} Place */

/** @param {Pick<Place, "accuracy" | "source">} place */
function wordsFor({ accuracy, source }) {
  if (source !== "gps") return t("The pin is set.");
  const metres = Math.round(accuracy ?? 0);
  if (metres <= NEAR_ENOUGH_METRES) {
    return t("Your position is added, exact to %(metres)s m.", { metres });
  }
  return t("Your position is added, but only to %(metres)s m. Please add the address.", { metres });
}

/**
 * Let the buttons of a form fill its hidden fields; `placed` hears of every change.
 * @param {HTMLFormElement} form
 * @param {(place: Place | null) => void} placed
 */
export function choosePlace(form, placed) {
  const part = (/** @type {string} */ name) => form.querySelector(`[data-${name}]`);
  const value = (/** @type {string} */ name) => form.elements.namedItem(name).value;

  /** @param {Place | null} place */
  function show(place) {
    part("placed").hidden = !place;
    if (place) part("placed-words").textContent = wordsFor(place);
    showNotices(part("notices"), place);
  }

  /** @param {Place | null} place */
  function setPlace(place) {
    for (const name of ["lat", "lon", "accuracy", "source"]) {
      form.elements.namedItem(name).value = place?.[name] ?? "";
    }
    part("lost").hidden = true;
    show(place);
    placed(place);
  }

  function complain() {
    part("lost").hidden = false;
    part("lost-words").textContent = t(
      "Your position could not be found. Type the address, or set a pin on the map.",
    );
  }

  part("locate").addEventListener("click", (event) => {
    const button = event.currentTarget;
    if (!navigator.geolocation) return complain();
    button.setAttribute("aria-busy", "true");
    const done = () => button.removeAttribute("aria-busy");
    return navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        done();
        const { latitude: lat, longitude: lon, accuracy } = coords;
        setPlace({ lat, lon, accuracy, source: "gps" });
      },
      () => {
        done();
        complain();
      },
      { enableHighAccuracy: true, timeout: POSITION_MS, maximumAge: 30_000 },
    );
  });

  part("open-map").addEventListener("click", async (event) => {
    const button = event.currentTarget;
    const { openMap } = await import(button.dataset.script);
    button.hidden = true;
    const start = value("lat") && value("lon") ? { lat: Number(value("lat")), lon: Number(value("lon")) } : null;
    await openMap(part("map"), start, (place) => setPlace({ ...place, source: "pin" }));
  });

  part("forget").addEventListener("click", () => setPlace(null));
  part("position").hidden = false;
  return () => {
    if (!value("lat")) return;
    show({ lat: Number(value("lat")), lon: Number(value("lon")), accuracy: Number(value("accuracy")), source: value("source") });
  };
}
