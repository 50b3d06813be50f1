/* How is a picture stored on the phone with where and when it was made, before anybody says so? */
import { changePhoto, keepPhoto, phone, photos, replacePhoto } from "./store.js";
import { newId, person } from "./tap.js";

const POSITION_MS = 3_000;

/** Where the phone is, if the person has let us ask before. */
async function place() {
  try {
    const leave = await navigator.permissions.query({ name: "geolocation" });
    if (leave.state !== "granted") return {};
    const found = await new Promise((done, fail) => {
      navigator.geolocation.getCurrentPosition(done, fail, { maximumAge: 30_000, timeout: POSITION_MS });
    });
    const { latitude, longitude, accuracy } = found.coords;
    return { lat: String(latitude), lon: String(longitude), accuracy_metres: String(accuracy) };
  } catch {
    return {};
  }
}

/** An instant of this phone's clock by the server's, as far as the phone knows how far its own is off. @param {string} at @param {number | null} [offset] */
const mended = (at, offset) => (at && offset ? new Date(Date.parse(at) + offset).toISOString() : at);

/**
 * Store a picture of a ticket; it is sent from there. Resolves when it is on the disk, `placed` when it has its place.
 * @param {{ticket: string, name: string, blob: Blob, words: string, fields: Record<string, string>}} made
 * @param {string} [before] the picture in whose place it is kept, if that one has not left the phone
 * @returns {Promise<{placed: Promise<unknown>}>}
 */
export async function keepPicture({ ticket, ...made }, before = "") {
  const asked = place();
  const at = new Date();
  const url = `/crew/${ticket}/photos`;
  const { offset_ms: offset } = await phone();
  const fields = { ...made.fields, taken_at: mended(made.fields.taken_at, offset) };
  const photo = { ...made, fields, ticket, url, uuid: newId(at.getTime()), at: at.toISOString(), person, ready_at: at.getTime() + POSITION_MS + 500 };
  if (!before || !(await replacePhoto(before, photo))) await keepPhoto(photo);
  navigator.storage?.persist?.();
  // Without room for its place it goes without: it is saved, and is not to be made twice.
  const placed = asked.then((found) => changePhoto(photo.uuid, { fields: { ...photo.fields, ...found }, ready_at: 0 })).catch(() => undefined);
  return { placed };
}

/** The pictures of a ticket that are on this phone, signatures or photos. @param {string} ticket @param {boolean} areSignatures */
export const ownPictures = async (ticket, areSignatures) => (await photos()).filter((each) => each.ticket === ticket && (each.fields.kind === "signature") === areSignatures);
