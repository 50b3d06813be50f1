/* How does the page for one call work when it stands alone, without the desk around it? */
import { t } from "/static/shared/i18n.js";
import { readGrids } from "./api.js";
import { takeCalls } from "./call.js";
import { createMap } from "./map.js";

const facts = JSON.parse(document.getElementById("desk-facts")?.textContent || "{}");
const form = /** @type {HTMLFormElement | null} */ (document.getElementById("call"));
const place = /** @type {HTMLElement | null} */ (document.querySelector(".call-map"));

if (form && place) {
  const element = document.createElement("div");
  element.className = "map";
  element.tabIndex = 0;
  element.setAttribute("role", "application");
  element.setAttribute("aria-label", t("Click where the caller's fault is."));
  place.append(element);
  const map = createMap(element, {
    settings: facts.map,
    onPoint: ({ lat, lon }) => {
      call.pin(lat, lon);
      return true;
    },
  });
  const call = takeCalls(form, {
    facts,
    onPlace: (spot, look) => map.showPin(spot, look),
    onSaved: (reply, sent) => {
      sessionStorage.setItem("desk-told", JSON.stringify({ reply, sent }));
      location.assign(`/desk?ticket=${encodeURIComponent(reply.number)}`);
    },
  });
  readGrids().then((found) => map.showGrids(found), () => {});
  call.focus();
  document.documentElement.dataset.ready = "true";
}
