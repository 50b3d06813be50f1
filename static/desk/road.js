/* Which streets does the crew of the chosen ticket drive? */
import { computed, effect, signal } from "/static/vendor/preact.js";
import { readRoad } from "./api.js";
import { groupOf, isPlaced } from "./promises.js";
import { chosen, crews, facts } from "./store.js";

/** A crew that moved less, in degrees (some 200 m), drives the same streets still. */
const STEP = 0.002;

/** @type {import("/static/vendor/preact.js").Signal<{number: string, points: [number, number][]} | null>} */
const known = signal(null);

/** The chosen ticket while its crew drives, with the cell that the crew is in. */
const asked = computed(() => {
  const ticket = chosen.value;
  if (!facts.map?.knowsRoads || !ticket?.crew || !isPlaced(ticket) || groupOf(ticket) !== "way") return "";
  const crew = crews.value.find((each) => each.id === ticket.crew.id);
  const at = crew?.position ?? crew?.base;
  return at ? [ticket.number, ...[at.lat, at.lon, ticket.place.lat, ticket.place.lon].map((each) => Math.round(each / STEP))].join(" ") : "";
});

/** The streets to a ticket, latitude first; null where they are not known. @param {string} number */
export const roadTo = (number) => (known.value?.number === number ? known.value.points : null);

/** Ask again whenever the ticket or the crew's place has changed; returns a function that stops. */
export function followRoads() {
  return effect(() => {
    const cell = asked.value;
    const number = cell.split(" ")[0];
    if (!number || known.peek()?.number !== number) known.value = null;
    if (!number) return;
    // Without an answer the straight line stays, and says that it is one.
    readRoad(number).then(({ points }) => {
      if (asked.peek() === cell) known.value = points && { number, points };
    }, () => {});
  });
}
