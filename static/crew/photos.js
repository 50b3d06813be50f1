/* How does a photo of the work reach the ticket, with its progress and, if need be, once more? */
import { t } from "/static/shared/i18n.js";
import { newPhotoId, PhotoRefusal, sendPhoto, shrink, takenAt } from "/static/shared/photos.js";

const part = document.getElementById("photos");
const list = part?.querySelector("[data-photo-list]");
const said = part?.querySelector("[data-photo-said]");
const progress = part?.querySelector("progress");
const again = part?.querySelector("[data-photo-again]");
/** @type {{url: string, what: any}[]} */
const waiting = [];
let isSending = false;
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

/** @param {{picture: string, thumbnail: string}} photo @param {string} words */
function show(photo, words) {
  const row = document.createElement("li");
  const link = document.createElement("a");
  link.href = photo.picture;
  const image = document.createElement("img");
  image.src = photo.thumbnail;
  image.alt = words;
  link.append(image);
  row.append(link);
  list.append(row);
}

async function sendAll() {
  if (isSending) return;
  isSending = true;
  again.hidden = true;
  while (waiting.length) {
    const { url, what } = waiting[0];
    said.textContent = t("Sending the photo …");
    progress.hidden = false;
    try {
      const answer = await sendPhoto(url, what, (share) => (progress.value = share));
      show(answer.photo, what.words);
      said.textContent = t("The photo has arrived.");
      waiting.shift();
    } catch (refusal) {
      const isForNow = !(refusal instanceof PhotoRefusal) || refusal.isForNow;
      said.textContent = isForNow ? t("The photo has not arrived. Keep this page open and try again.") : refusal.message;
      if (!isForNow) waiting.shift();
      again.hidden = !isForNow;
      if (isForNow) break;
    } finally {
      progress.hidden = true;
      progress.value = 0;
    }
  }
  isSending = false;
}

for (const form of part?.querySelectorAll("form[data-photo]") ?? []) {
  const input = form.querySelector("input[type=file]");
  form.querySelector("[data-photo-button]").hidden = true;
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    const kind = form.elements.namedItem("kind").value;
    const fields = { uuid: newPhotoId(), kind, taken_at: takenAt(file), ...(await place()) };
    waiting.push({ url: form.getAttribute("action"), what: { photo: await shrink(file), name: file.name, fields, words: form.dataset.photo } });
    input.value = "";
    await sendAll();
  });
}
again?.addEventListener("click", sendAll);
window.addEventListener("online", sendAll);
window.addEventListener("beforeunload", (event) => waiting.length > 0 && event.preventDefault());
