/* How do the photos that wait on this phone reach the server, one by one? */
import { PhotoRefusal, sendPhoto } from "/static/shared/photos.js";
import { dropPhoto, keepPhoto, photos } from "./store.js";
import { person } from "./tap.js";
import { newToken } from "./token.js";

const LONGEST_PLACE_MS = 10_000;

/** Whether the place is still looked for; what seems to wait for long was stored before the clock was set back. @param {number} left */
export const isEarly = (left) => left > 0 && left < LONGEST_PLACE_MS;

/** What a failure says about the rest. @param {number} status @returns {import("./send.js").Trouble} */
function troubleOf(status) {
  if (status === 401) return "signed-out";
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

/** Whether our server will never take a photo: it is wrong, or its ticket is not this person's to see. @param {PhotoRefusal} reason */
const isFinal = ({ isForNow, status, message }) => !isForNow || (Boolean(message) && [403, 404].includes(status));

/** Send one photo; returns what stands against it, empty when nothing does. @param {import("./store.js").Photo} photo @returns {Promise<import("./send.js").Trouble>} */
async function sendOne(photo) {
  try {
    const answer = await send(photo);
    // A captive portal may answer with JSON of its own.
    if (!answer?.photo?.id) return "failing";
    await dropPhoto(photo.uuid);
    document.dispatchEvent(new CustomEvent("photo-sent", { detail: { kept: photo, photo: answer.photo } }));
    return "";
  } catch (reason) {
    if (!(reason instanceof PhotoRefusal)) return "failing";
    if (!isFinal(reason)) return troubleOf(reason.status);
    await keepPhoto({ ...photo, refusal: reason.message });
    return "";
  }
}

/**
 * Send every photo that waits, one at a time; returns what stands against one of them.
 * @param {() => Promise<boolean>} between is done after each photo; false ends the sending
 * @returns {Promise<import("./send.js").Trouble>}
 */
export async function sendPhotos(between) {
  /** @type {Set<string>} */
  const tried = new Set();
  /** @type {import("./send.js").Trouble} */
  let trouble = "";
  for (;;) {
    const photo = (await nextPhotos()).find((each) => !tried.has(each.uuid));
    if (!photo) return trouble;
    tried.add(photo.uuid);
    trouble = (await sendOne(photo)) || trouble;
    if (!(await between()) || ["offline", "signed-out"].includes(trouble)) return trouble;
  }
}
