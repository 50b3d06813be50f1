/* How does an island draw an icon of the sprite, or the badge of a state? */
import { html } from "../vendor/preact.js";

const sprite =
  document.querySelector('meta[name="icons"]')?.getAttribute("content") ??
  "/static/shared/icons.svg";

/** Draw one icon; with a label it is an image, without one it is decoration. @param {string} name @param {string} [label] */
export function icon(name, label) {
  return label
    ? html`<svg class="icon" role="img" aria-label=${label}><use href=${`${sprite}#${name}`} /></svg>`
    : html`<svg class="icon" aria-hidden="true"><use href=${`${sprite}#${name}`} /></svg>`;
}

/** Draw a badge. @param {string} text @param {string} [tone] @param {string} [iconName] */
export function badge(text, tone, iconName) {
  return html`<span class="badge" data-tone=${tone}>${iconName && icon(iconName)}${text}</span>`;
}

/** Tone and icon of each ticket state; the Jinja macro `state_badge` shows the same. */
export const STATE_LOOKS = {
  received: ["warn", "bell"],
  accepted: ["warn", "circle-dashed"],
  dispatched: ["info", "send"],
  acknowledged: ["info", "check"],
  en_route: ["accent", "truck"],
  arrived: ["accent", "map-pin"],
  working: ["accent", "tool"],
  completed: ["good", "circle-check"],
  closed: ["neutral", "checks"],
  on_hold: ["hold", "player-pause"],
  returned: ["warn", "arrow-back-up"],
  duplicate: ["neutral", "git-merge"],
  solved_by_phone: ["good", "phone"],
  answered_by_notice: ["good", "info-circle"],
  cancelled: ["neutral", "ban"],
  reopened: ["danger", "rotate"],
};

/** Draw a ticket state's badge. @param {keyof typeof STATE_LOOKS} state @param {string} name its words */
export function stateBadge(state, name) {
  const [tone, iconName] = STATE_LOOKS[state] ?? ["neutral", "circle"];
  return badge(name, tone, iconName);
}
