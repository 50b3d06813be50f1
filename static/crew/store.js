/* What does this phone keep until the server has it: its name there, steps and facts, photos? */
import { openDB } from "/static/vendor/idb.js";

/**
 * @typedef {object} Command one tap as it was made; `outcome` is there once it was answered but not done
 * @property {string} id @property {number} sequence @property {string} ticket empty for a tap on a round @property {string} kind
 * @property {Record<string, unknown>} args @property {string} [said] the same in words @property {number | null} base_version @property {string} at
 * @property {number} mono_ms @property {string} session @property {number | null} offset_ms
 * @property {{lat: number, lon: number, accuracy: number | null} | null} position
 * @property {number | null} person @property {number} ready_at milliseconds since 1970: not sent before
 * @property {number | null} seen the last event of the story that the page held
 * @property {string} [outcome] @property {string | null} [reason] @property {Change[]} [changes]
 * @property {{by: string, at: string, words: string | null, args: Record<string, unknown>, visit_id?: number | null}} [other] what another person wrote into the same field meanwhile
 */
/** @typedef {{what: string, by: string, at: string, why?: string[]}} Change what somebody else did; a phone that stored it before may know no `why` */
/**
 * @typedef {object} Photo one photo until the server has it
 * @property {string} uuid @property {number} ready_at @property {string} ticket @property {string} url @property {string} name
 * @property {Blob} [blob] gone once the desk holds it @property {string} words @property {string} at @property {number | null} person whose it is
 * @property {Record<string, string>} fields @property {string} [refusal] @property {boolean} [needs_person] only its person may send it
 * @property {string} [outcome] `held`: the desk has it, and decides on it @property {string | null} [reason] the same in words
 * @property {number} [looked_at] since when somebody looks at it, to cover or discard it @property {boolean} [is_out] all of it has left the phone
 */
/** @typedef {{key: string, token?: string, next: number, offset_ms?: number | null, person?: number | null}} Phone `person`: whom the last page was drawn for */

const VERSION = 1;
/** @type {Promise<import("/static/vendor/idb.js").IDBPDatabase> | null} */
let opened = null;
const heard = "BroadcastChannel" in window ? new BroadcastChannel("crew") : null;
/** @type {Set<() => void>} */
const listeners = new Set();

/** Open the one database; a later version only adds stores and never empties one. */
function open() {
  opened ??= openDB("crew", VERSION, {
    upgrade(db, from) {
      if (from < 1) {
        db.createObjectStore("device", { keyPath: "key" });
        db.createObjectStore("commands", { keyPath: "id" });
        db.createObjectStore("photos", { keyPath: "uuid" });
      }
    },
    blocking: () => forget(true),
    terminated: () => forget(false),
  }).catch((reason) => {
    opened = null;
    throw reason;
  });
  return opened;
}

/** Let another tab bring the database up to date; it is opened anew when needed. @param {boolean} isOpen */
function forget(isOpen) {
  if (isOpen) opened?.then((db) => db.close());
  opened = null;
}

/** Hear of every change, those of other tabs too. @param {() => void} listener */
export const onChange = (listener) => listeners.add(listener);

function tell() {
  heard?.postMessage("changed");
  for (const each of listeners) each();
}
heard?.addEventListener("message", () => listeners.forEach((each) => each()));

/** @param {Command} one @param {Command} other */
const bySequence = (one, other) => one.sequence - other.sequence;

/** Everything stored that was not answered as done, in the order of the taps. @returns {Promise<Command[]>} */
export const commands = async () => (await (await open()).getAll("commands")).sort(bySequence);

/** Those that wait for an answer. */
export const waitingCommands = async () => (await commands()).filter((each) => !each.outcome);

/** @returns {Promise<Photo[]>} */
export async function photos() {
  const all = await (await open()).getAll("photos");
  return all.sort((one, other) => (one.at < other.at ? -1 : 1));
}

/** Store one command under the next number; resolves when it is on the disk. @param {Omit<Command, "sequence">} command */
export async function addCommand(command) {
  const transaction = (await open()).transaction(["device", "commands"], "readwrite", { durability: "strict" });
  const device = transaction.objectStore("device");
  const phone = (await device.get("phone")) ?? { key: "phone", next: 1 };
  const [, added] = await Promise.all([
    device.put({ ...phone, next: phone.next + 1 }),
    transaction.objectStore("commands").add({ ...command, sequence: phone.next }),
    transaction.done,
  ]);
  tell();
  return added;
}

/** Change what is known of a command that is still here. @param {string} id @param {Partial<Command>} told */
export async function changeCommand(id, told) {
  const transaction = (await open()).transaction("commands", "readwrite");
  const found = await transaction.store.get(id);
  if (found) await transaction.store.put({ ...found, ...told });
  await transaction.done;
  tell();
}

/** Take a command off the phone: it was done, or its person let it go. @param {string} id */
export async function dropCommand(id) {
  await (await open()).delete("commands", id);
  tell();
}

/** Number what waits without a gap from `next` on, in the order of the taps. @param {number} next */
export async function renumber(next) {
  const transaction = (await open()).transaction(["device", "commands"], "readwrite");
  const store = transaction.objectStore("commands");
  const waiting = (await store.getAll()).filter((each) => !each.outcome).sort(bySequence);
  for (const [at, each] of waiting.entries()) await store.put({ ...each, sequence: next + at });
  const device = transaction.objectStore("device");
  await device.put({ ...((await device.get("phone")) ?? { key: "phone" }), next: next + waiting.length });
  await transaction.done;
}

/** @returns {Promise<Phone>} */
export const phone = async () => (await (await open()).get("device", "phone")) ?? { key: "phone", next: 1 };

/** @param {Partial<Phone>} told */
export async function changePhone(told) {
  const transaction = (await open()).transaction("device", "readwrite");
  await transaction.store.put({ ...((await transaction.store.get("phone")) ?? { key: "phone", next: 1 }), ...told });
  await transaction.done;
}

/** Whether a photo waits for nothing any more: it was refused, or the desk has it. @param {Photo} photo */
export const isSettled = ({ refusal, outcome }) => Boolean(refusal || outcome);

/** @param {Photo} photo */
export async function keepPhoto(photo) {
  const transaction = (await open()).transaction("photos", "readwrite", { durability: "strict" });
  await Promise.all([transaction.store.put(photo), transaction.done]);
  tell();
}

/** Change what is known of a photo that is still here; what nobody sees or waits for is changed quietly. @param {string} uuid @param {Partial<Photo>} told @param {{isQuiet?: boolean}} [how] */
export async function changePhoto(uuid, told, { isQuiet = false } = {}) {
  const transaction = (await open()).transaction("photos", "readwrite", { durability: "strict" });
  const found = await transaction.store.get(uuid);
  if (found) await transaction.store.put({ ...found, ...told });
  await transaction.done;
  if (!isQuiet) tell();
}

/**
 * Put another photo, or none, in the place of one that is still here and has not left the phone; false when it has.
 * @param {string} uuid @param {Photo | null} photo
 */
export async function replacePhoto(uuid, photo) {
  const transaction = (await open()).transaction("photos", "readwrite", { durability: "strict" });
  const found = await transaction.store.get(uuid);
  const isHere = Boolean(found && !found.is_out);
  if (isHere) await transaction.store.delete(uuid);
  if (isHere && photo) await transaction.store.put(photo);
  await transaction.done;
  tell();
  return isHere;
}

/** @param {string} uuid */
export async function dropPhoto(uuid) {
  await (await open()).delete("photos", uuid);
  tell();
}
