/* Which point is meant by a pair of numbers that somebody copied from a map? */
const PAIR = /^[([]?\s*(-?\d{1,3}\.\d+)\s*°?\s*[,，;；\s]\s*(-?\d{1,3}\.\d+)\s*°?\s*[)\]]?$/;
const POLE = 90;
const HALF_TURN = 180;

/**
 * Read a pair in either order: some maps copy the longitude first. Where both can be meant, it is
 * the one nearer to the middle of the city.
 * @param {string} text @param {number[]} center longitude and latitude of the city
 * @returns {{lat: string, lon: string} | null} as they were written; null where it is no pair
 */
export function readPair(text, [cityLon, cityLat]) {
  const [, first, second] = PAIR.exec(text.trim()) ?? [];
  if (first === undefined) return null;
  const far = (/** @type {{lat: string, lon: string}} */ { lat, lon }) => Math.hypot(Number(lat) - cityLat, Number(lon) - cityLon);
  const ways = [{ lat: first, lon: second }, { lat: second, lon: first }];
  const possible = ways.filter(({ lat, lon }) => Math.abs(Number(lat)) <= POLE && Math.abs(Number(lon)) <= HALF_TURN);
  return possible.sort((one, other) => far(one) - far(other))[0] ?? null;
}
