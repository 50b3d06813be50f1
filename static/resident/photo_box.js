/* Where do a resident's photos wait until they have reached us, even when the page goes away? */
import { openDB } from "/static/vendor/idb.js";

const BATCH = "photos-of";
const KEPT_MS = 7 * 24 * 3600 * 1000;

const box = () => openDB("photos", 1, { upgrade: (db) => void db.createObjectStore("waiting", { keyPath: "id" }) });

/** Keep a photo, or what changed about it. @param {any} photo */
export const keepPhoto = async (photo) => (await box()).put("waiting", photo);

/** @param {string} id */
export const dropPhoto = async (id) => (await box()).delete("waiting", id);

/** The photos that wait and fit, in the order in which they were chosen. @param {(photo: any) => boolean} fits */
export async function waitingPhotos(fits) {
  const all = await (await box()).getAll("waiting");
  for (const each of all) if (Date.now() - each.keptAt > KEPT_MS) await dropPhoto(each.id);
  return all.filter(fits).sort((one, other) => one.keptAt - other.keptAt);
}

/** Which photos belong to the report that this tab is about to send. @param {boolean} isNew make a name where there is none */
export function batchOf(isNew) {
  const found = sessionStorage.getItem(BATCH);
  if (found || !isNew) return found;
  const made = String(Math.random());
  sessionStorage.setItem(BATCH, made);
  return made;
}

export const endBatch = () => sessionStorage.removeItem(BATCH);
