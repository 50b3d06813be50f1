/* How do the photos that wait on this phone reach the server, one by one? */
import { PhotoRefusal, sendPhoto } from "/static/shared/photos.js";
import { dropPhoto, keepPhoto, photos } from "./store.js";
import { person } from "./tap.js";
import { newToken } from "./token.js";

/** Whether the place is still looked for; what seems to wait for long was stored before the clock was set back. @param {number} left */
const isEarly = (left) => left > 0 && left < 10_000;

/** What a failure says about the rest. @param {number} status */
function troubleOf(status) {
  if (status === 401) return "signed-out";
  if (status === 403) return "refused";
  return status === 0 ? "offline" : "failing";
}

/** The photos that may go now; nobody sends another person's as the own. */
export const nextPhotos = async () => (await photos()).filter((each) => !each.refusal && !isEarly(each.ready_at - Date.now()) && (each.person === null || each.person === person));

/** @param {import("./store.js").Photo} photo */
async function send(photo) {
  const told = (/** @type {number} */ share) => document.dispatchEvent(new CustomEvent("photo-progress", { detail: { uuid: photo.uuid, share } }));
  const what = { photo: photo.blob, name: photo.name, fields: { ...photo.fields, uuid: photo.uuid } };
  try {
    return await sendPhoto(photo.url, what, told);
  } catch (reason) {
    if (reason.status !== 400 || !(await newToken())) throw reason;
    return sendPhoto(photo.url, what, told);
  }
}

/** Send every photo that waits; returns what stands against it, empty when nothing does. @returns {Promise<any>} */
export async function sendPhotos() {
  let trouble = "";
  for (const photo of await nextPhotos()) {
    try {
      const answer = await send(photo);
      // A captive portal may answer with JSON of its own.
      if (!answer?.photo?.id) return "failing";
      await dropPhoto(photo.uuid);
      document.dispatchEvent(new CustomEvent("photo-sent", { detail: { kept: photo, photo: answer.photo } }));
    } catch (reason) {
      if (!(reason instanceof PhotoRefusal)) throw reason;
      if (!reason.isForNow) {
        await keepPhoto({ ...photo, refusal: reason.message });
        continue;
      }
      trouble = troubleOf(reason.status);
      if (trouble === "offline" || trouble === "signed-out") return trouble;
    }
  }
  return trouble;
}
