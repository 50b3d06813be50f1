/* How do the photos that wait on this phone reach the server, one by one? */
import { PhotoRefusal, sendPhoto } from "/static/shared/photos.js";
import { changePhone, changePhoto, dropPhoto, isSettled, onChange, phone, photos } from "./store.js";
import { person } from "./tap.js";
import { newToken } from "./token.js";

const LONGEST_PLACE_MS = 10_000;
/** All of a photo is through and its answer is on the way: so long a step waits for it. */
const ANSWER_MS = 3_000;
const LONGEST_LOOK_MS = 300_000;
const STILL_LOOKED_AT_MS = 60_000;
/** The photo that is looked at, or taken anew, in this tab. */
let held = "";
/** @type {ReturnType<typeof setInterval> | undefined} */
let telling;
/** The photo under way. @type {{uuid: string, share: number, ending: AbortController} | null} */
let under = null;

/** Whether the place is still looked for; what seems to wait for long was stored before the clock was set back. @param {number} left */
export const isEarly = (left) => left > 0 && left < LONGEST_PLACE_MS;

/** What a failure says about the rest. @param {number} status @returns {import("./send.js").Trouble} */
function troubleOf(status) {
  if (status === 401) return "signed-out";
  return status === 0 ? "offline" : "failing";
}

/** Whether this is the page of a phone that was revoked: what it sends goes to the desk, whoever took it. */
const isRevoked = document.querySelector("[data-revoked]") !== null;

/** Whether whoever is signed in may send a photo: another's in that one's name, unless the server wants that one alone. @param {import("./store.js").Photo} photo */
const isSendable = (photo) => isRevoked || [null, person].includes(photo.person) || (person !== null && !photo.needs_person);

/** Whether somebody looks at a photo to cover or discard it; a page that died while it did holds nothing back for long. @param {import("./store.js").Photo} photo */
const isLookedAt = ({ uuid, looked_at: at = 0 }) => uuid === held || Math.abs(Date.now() - at) < LONGEST_LOOK_MS;

/** Send nothing of a photo until it is let go, however long that takes; other tabs hear so every minute. @param {string} uuid empty lets go */
export function holdBack(uuid) {
  clearInterval(telling);
  held = uuid;
  const tell = () => changePhoto(uuid, { looked_at: Date.now() }, { isQuiet: true });
  if (uuid) telling = setInterval(tell, STILL_LOOKED_AT_MS);
}

/** Offer anew what the server wanted from its person alone: it may know that person on this phone by now. */
export async function offerAnew() {
  for (const each of await photos()) if (each.needs_person) await changePhoto(each.uuid, { needs_person: false });
}

/** Notice who has signed in since the last page, and who has signed out. */
async function noticePerson() {
  const { person: before = null } = await phone();
  if (before === person) return;
  if (person !== null) await offerAnew();
  await changePhone({ person });
}

/** The photos that may go now. */
export const nextPhotos = async () => (await photos()).filter((each) => !isSettled(each) && !isLookedAt(each) && !isEarly(each.ready_at - Date.now()) && isSendable(each));

/** Break off the photo under way; it is sent again from its beginning. */
export function stopPhoto() {
  if (!under) return;
  const { ending, share } = under;
  if (share < 1) ending.abort();
  else setTimeout(() => ending.abort(), ANSWER_MS);
}

/** @param {import("./store.js").Photo} photo @param {AbortSignal} signal */
async function send(photo, signal) {
  const told = (/** @type {number} */ share) => {
    if (under) under.share = share;
    if (share === 1) changePhoto(photo.uuid, { is_out: true }, { isQuiet: true });
    document.dispatchEvent(new CustomEvent("photo-progress", { detail: { uuid: photo.uuid, share } }));
  };
  const taker = photo.person === null ? "" : String(photo.person);
  const what = { photo: photo.blob, name: photo.name, fields: { ...photo.fields, uuid: photo.uuid, person: taker } };
  try {
    return await sendPhoto(photo.url, what, told, signal);
  } catch (reason) {
    if (reason.status !== 400 || !(await newToken()) || signal.aborted) throw reason;
    return sendPhoto(photo.url, what, told, signal);
  }
}

/** Whether our server will never take a photo: it is wrong, or its ticket is not this person's to see. @param {PhotoRefusal} reason */
const isFinal = ({ isForNow, status, message }) => !isForNow || (Boolean(message) && [403, 404].includes(status));

// Of several tabs one sends, and another may be the one in which a photo is looked at or discarded.
onChange(async () => {
  const going = under;
  const found = going && (await photos()).find((each) => each.uuid === going.uuid);
  if (going && (!found || isLookedAt(found))) going.ending.abort();
});

/** What a refusal of a photo means for it and for the rest. @param {import("./store.js").Photo} photo @param {PhotoRefusal} reason @returns {Promise<import("./send.js").Trouble>} */
async function refuse(photo, reason) {
  if (!isFinal(reason)) return troubleOf(reason.status);
  const isOthers = ![null, person].includes(photo.person) && [403, 404].includes(reason.status);
  await changePhoto(photo.uuid, isOthers ? { needs_person: true } : { refusal: reason.message });
  return "";
}

/** Keep of a photo that the desk has only that it has it: a phone that was revoked may be in strange hands. @param {import("./store.js").Photo} photo @param {string} reason */
const keepWord = ({ uuid, fields }, reason) => changePhoto(uuid, { outcome: "held", reason, blob: undefined, fields: { kind: fields.kind } });

/**
 * Send one photo; returns what stands against it, empty when nothing does, null when a step broke it off.
 * @param {import("./store.js").Photo} photo @returns {Promise<import("./send.js").Trouble | null>}
 */
async function sendOne(photo) {
  const ending = new AbortController();
  under = { uuid: photo.uuid, share: 0, ending };
  try {
    const answer = await send(photo, ending.signal);
    // A captive portal may answer with JSON of its own.
    if (!answer?.photo?.id) return "failing";
    if (answer.photo.held) await keepWord(photo, answer.photo.held);
    else await dropPhoto(photo.uuid);
    document.dispatchEvent(new CustomEvent("photo-sent", { detail: { kept: photo, photo: answer.photo } }));
    return "";
  } catch (reason) {
    if (ending.signal.aborted) return null;
    return reason instanceof PhotoRefusal ? refuse(photo, reason) : "failing";
  } finally {
    under = null;
  }
}

/**
 * Send every photo that waits, one at a time; returns what stands against one of them.
 * @param {() => Promise<boolean>} between is done after each photo; false ends the sending
 * @returns {Promise<import("./send.js").Trouble>}
 */
export async function sendPhotos(between) {
  await noticePerson();
  /** @type {Set<string>} */
  const tried = new Set();
  /** @type {import("./send.js").Trouble} */
  let trouble = "";
  for (;;) {
    const photo = (await nextPhotos()).find((each) => !tried.has(each.uuid));
    if (!photo) return trouble;
    const found = await sendOne(photo);
    document.dispatchEvent(new CustomEvent("photo-tried", { detail: photo.uuid }));
    if (found !== null) tried.add(photo.uuid);
    trouble = found || trouble;
    if (!(await between()) || ["offline", "signed-out"].includes(trouble)) return trouble;
  }
}
