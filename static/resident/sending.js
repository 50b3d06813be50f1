/* How do the photos that wait on this telephone reach the ticket, one after the other? */
import { dressPick, newPhotoId, PhotoRefusal, sendPhoto, shrink, takenAt } from "/static/shared/photos.js";
import { batchOf, dropPhoto, endBatch, keepPhoto, waitingPhotos } from "./photo_box.js";

const AGAIN_MS = 15_000;
const section = document.getElementById("photos");
const list = section.querySelector("[data-photo-list]");
const said = section.querySelector("[data-photo-said]");
const again = section.querySelector("[data-photo-again]");
const token = section.dataset.token;
let isSending = false;

/** @param {{picture: string, thumbnail: string}} photo */
function show(photo) {
  const row = document.createElement("li");
  const link = document.createElement("a");
  link.href = photo.picture;
  const image = document.createElement("img");
  image.src = photo.thumbnail;
  image.alt = section.dataset.yours;
  link.append(image);
  row.append(link);
  list.append(row);
}

/** Send one; whether the next may be tried. @param {any} photo @param {string} words */
async function sendOne(photo, words) {
  said.textContent = words;
  const fields = { uuid: photo.id, taken_at: photo.takenAt };
  const progress = section.querySelector("progress");
  progress.hidden = false;
  try {
    const what = { photo: photo.blob, name: photo.name, fields };
    const answer = await sendPhoto(`/t/${token}/photos`, what, (share) => (progress.value = share));
    await dropPhoto(photo.id);
    show(answer.photo);
    return true;
  } catch (refusal) {
    if (!(refusal instanceof PhotoRefusal) || refusal.isForNow) return false;
    await dropPhoto(photo.id);
    const fault = document.createElement("p");
    fault.className = "error";
    fault.textContent = refusal.message;
    said.before(fault);
    return true;
  } finally {
    progress.hidden = true;
    progress.value = 0;
  }
}

async function sendAll() {
  if (isSending) return;
  isSending = true;
  again.hidden = true;
  const waiting = await waitingPhotos((photo) => photo.token === token);
  let count = 0;
  for (const each of waiting) {
    const words = section.dataset.sending.replace("%1", String(count + 1)).replace("%2", String(waiting.length));
    if (!(await sendOne(each, words))) break;
    count += 1;
  }
  const left = waiting.length - count;
  if (waiting.length) said.textContent = left ? section.dataset.waits : section.dataset.sent;
  again.hidden = left === 0;
  isSending = false;
  if (left) setTimeout(sendAll, AGAIN_MS);
}

async function begin() {
  const batch = batchOf(false);
  if (batch) {
    for (const each of await waitingPhotos((photo) => photo.batch === batch)) await keepPhoto({ ...each, batch: "", token });
    endBatch();
  }
  await sendAll();
}

const input = section.querySelector("input[type=file]");
input?.addEventListener("change", async () => {
  for (const file of input.files) {
    await keepPhoto({ id: newPhotoId(), batch: "", token, name: file.name, takenAt: takenAt(file), blob: await shrink(file), keptAt: Date.now() });
  }
  input.value = "";
  await sendAll();
});
again.addEventListener("click", sendAll);
window.addEventListener("online", sendAll);
begin().then(() => {
  // Without a place to keep photos the plain form sends them.
  section.querySelector("[data-photo-button]")?.setAttribute("hidden", "");
  dressPick(section);
}, () => undefined);
