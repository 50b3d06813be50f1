/* Whose work waits on this phone, and how much of it? */
import { n, t } from "/static/shared/i18n.js";
import { element } from "./overlay.js";
import { commands, isSettled, onChange, photos } from "./store.js";

const [waits, handed] = ["waits", "handed"].map((name) => /** @type {HTMLElement} */ (document.querySelector(`[data-${name}]`)));

/** The name that the page shows for an account. @param {number | null} person */
function nameOf(person) {
  const field = document.querySelector(`input[name="person"][value="${person}"]`);
  return field?.closest("label")?.querySelector(".name")?.textContent ?? t("Another person");
}

/** @typedef {{taps: number, photos: number, alone: number}} Count `alone` photos are sent by their person only */

/** What waits, or what the desk has and decides on. @param {boolean} isHanded @returns {Promise<Map<number | null, Count>>} */
async function counted(isHanded) {
  /** @type {Map<number | null, Count>} */
  const found = new Map();
  const of = (/** @type {number | null} */ person) => {
    const count = found.get(person) ?? { taps: 0, photos: 0, alone: 0 };
    found.set(person, count);
    return count;
  };
  for (const each of await commands()) if (isHanded ? each.outcome === "held" : !each.outcome) of(each.person).taps += 1;
  for (const each of await photos()) {
    if (isHanded ? each.outcome !== "held" : isSettled(each)) continue;
    of(each.person).photos += 1;
    if (each.needs_person && !isHanded) of(each.person).alone += 1;
  }
  return found;
}

/** @param {[number | null, Count]} entry */
function line([person, { taps, photos: pictures, alone }]) {
  const name = nameOf(person);
  const parts = [
    taps && n("%(count)s step or note", "%(count)s steps and notes", taps),
    pictures && n("%(count)s photo", "%(count)s photos", pictures),
  ].filter(Boolean);
  const row = element("li");
  // A phone that is no crew's (any more) lists nobody: then a name for somebody else says nothing.
  const isListed = document.querySelector('input[name="person"]');
  row.append(...(isListed ? [element("span", name, "strong"), ": "] : []), parts.join(" · "));
  if (alone) row.append(element("p", n("%(count)s of the photos goes only when %(name)s signs in here.", "%(count)s of the photos go only when %(name)s signs in here.", alone, { name }), "muted"));
  return row;
}

/** @param {HTMLElement} part @param {boolean} isHanded */
async function fill(part, isHanded) {
  const found = await counted(isHanded).catch(() => new Map());
  part.hidden = found.size === 0;
  part.querySelector("ul")?.replaceChildren(...[...found].map(line));
}

const draw = () => Promise.all([fill(waits, false), fill(handed, true)]);

onChange(draw);
draw();
