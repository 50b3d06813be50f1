/* How does a photo of the work get onto the phone, and from there to the ticket? */
import { t } from "/static/shared/i18n.js";
import { newPhotoId, shrink, takenAt } from "/static/shared/photos.js";
import { keepPhoto, onChange, photos } from "./store.js";
import { person } from "./tap.js";

const part = document.getElementById("photos");
const list = part?.querySelector("[data-photo-list]");
const said = part?.querySelector("[data-photo-said]");
const progress = part?.querySelector("progress");
const number = document.getElementById("ticket")?.dataset.number ?? "";
const POSITION_MS = 3_000;
/** Addresses of the pictures that are on the phone. @type {Map<string, string>} */
const shown = new Map();

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

/** @param {string} source @param {string} words @param {string} [target] */
function row(source, words, target) {
  const made = document.createElement("li");
  const image = document.createElement("img");
  image.src = source;
  image.alt = words;
  const link = document.createElement("a");
  if (target) link.href = target;
  link.append(image);
  made.append(link);
  return made;
}

/** Show the photos of this ticket that are still on the phone. */
async function draw() {
  const own = (await photos()).filter((each) => each.ticket === number);
  for (const [uuid, source] of shown) {
    if (own.some((each) => each.uuid === uuid)) continue;
    URL.revokeObjectURL(source);
    shown.delete(uuid);
    list.querySelector(`[data-photo-waits="${uuid}"]`)?.remove();
  }
  for (const each of own) {
    let made = list.querySelector(`[data-photo-waits="${each.uuid}"]`);
    if (!made) {
      shown.set(each.uuid, URL.createObjectURL(each.blob));
      made = row(shown.get(each.uuid), each.words);
      made.dataset.photoWaits = each.uuid;
      made.append(document.createElement("span"));
      made.lastChild.className = "muted small";
      list.append(made);
    }
    made.lastChild.textContent = each.refusal ?? t("waits on this phone");
  }
}

/** Store a photo; it is sent from there. @param {HTMLFormElement} form @param {File} file */
async function take(form, file) {
  const kind = form.elements.namedItem("kind").value;
  const asked = place();
  const photo = {
    uuid: newPhotoId(), ticket: number, url: form.getAttribute("action"), name: file.name, blob: await shrink(file),
    words: form.dataset.photo, at: new Date().toISOString(), person, ready_at: Date.now() + POSITION_MS + 500,
    fields: { kind, taken_at: takenAt(file) },
  };
  await keepPhoto(photo);
  navigator.storage?.persist?.();
  said.textContent = t("The photo is saved on this phone.");
  const fields = { ...photo.fields, ...(await asked) };
  await keepPhoto({ ...photo, fields, ready_at: 0 });
}

for (const form of part?.querySelectorAll("form[data-photo]") ?? []) {
  const input = form.querySelector("input[type=file]");
  const button = form.querySelector("[data-photo-button]");
  button.hidden = true;
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    try {
      await take(form, file);
      input.value = "";
    } catch {
      // The file is still in the form: it may go the plain way.
      said.textContent = t("This phone could not save the photo: no room is left. Send it now, or make room first.");
      button.hidden = false;
    }
  });
}

document.addEventListener("photo-progress", ({ detail }) => {
  if (!shown.has(detail.uuid)) return;
  progress.hidden = false;
  progress.value = detail.share;
  said.textContent = t("Sending the photo …");
});
document.addEventListener("photo-sent", ({ detail }) => {
  if (detail.kept.ticket !== number) return;
  progress.hidden = true;
  said.textContent = t("The photo has arrived.");
  list.append(row(detail.photo.thumbnail, detail.kept.words, detail.photo.picture));
});
if (part) {
  onChange(draw);
  draw();
}
