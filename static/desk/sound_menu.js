/* How are sounds tried, muted and made louder, and how is one told that there are none? */
import { html, render } from "/static/vendor/preact.js";
import { t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";
import { Drop } from "./drop.js";
import { isBlocked, isSilent, KINDS, setSounds, settings, tryOut } from "./sounds.js";

/** @typedef {keyof typeof KINDS} Kind */

/** @param {{kind: Kind}} props */
function Row({ kind }) {
  const { muted } = settings.value;
  const name = KINDS[kind].name();
  const turn = (/** @type {any} */ event) => setSounds({ muted: event.target.checked ? muted.filter((each) => each !== kind) : [...muted, kind] });
  return html`<li><label class="choice"><input type="checkbox" checked=${!muted.includes(kind)} onChange=${turn} />${name}</label>
    <button type="button" class="quiet push" aria-label=${t("Try the sound: %(name)s", { name })} onClick=${() => tryOut(kind)}>${icon("player-play")}${t("Try")}</button></li>`;
}

function Sounds() {
  const picture = isSilent.value || isBlocked.value ? "volume-off" : "volume";
  const words = isSilent.value ? t("Sound is off") : isBlocked.value ? t("No sound before the first click or key") : "";
  return html`<${Drop} name="sounds" className="top" label=${html`${icon(picture, t("Sounds"))}${words && html`<span class="sound-words">${words}</span>`}`}>
    <h3>${t("Sounds")}</h3>
    <ul>${Object.keys(KINDS).map((kind) => html`<${Row} key=${kind} kind=${kind} />`)}</ul>
    <label class="sound-volume">${t("Volume")}<input type="range" min="0" max="1" step="0.05" value=${settings.value.volume} aria-valuetext=${`${Math.round(settings.value.volume * 100)} %`}
      onInput=${(/** @type {any} */ event) => setSounds({ volume: Number(event.target.value) })} /></label>
    <p class="muted small">${t("Kept in this browser. Of several windows one sounds.")}</p>
  <//>`;
}

/** Show the menu in the top bar. */
export function showSounds() {
  const place = document.getElementById("desk-sounds");
  if (place) render(html`<${Sounds} />`, place);
}
