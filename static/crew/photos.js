/* How does a photo of the work get onto the phone, and from there to the ticket? */
import { t } from "/static/shared/i18n.js";
import { shrink, takenAt } from "/static/shared/photos.js";
import { lookAt } from "./photo_check.js";
import { keepPicture, ownPictures } from "./keep_photo.js";
import { standing } from "./overlay.js";
import { holdBack } from "./send_photos.js";
import { changePhoto, onChange, photos, replacePhoto } from "./store.js";
import { newId } from "./tap.js";

const part = document.getElementById("photos");
const list = part?.querySelector("[data-photo-list]");
const said = part?.querySelector("[data-photo-said]");
const progress = part?.querySelector("progress");
const number = document.getElementById("ticket")?.dataset.number ?? "";
/** Addresses of the pictures that are on the phone. @type {Map<string, string>} */
const shown = new Map();
/** The photo in whose place another one is taken. */
let replaced = "";

/** @param {string} source @param {string} words @param {string} target */
function arrived(source, words, target) {
  const made = document.createElement("li");
  const link = document.createElement("a");
  link.href = target;
  link.append(picture(source, words));
  made.append(link);
  return made;
}

/** @param {string} source @param {string} words */
function picture(source, words) {
  const image = document.createElement("img");
  image.src = source;
  image.alt = words;
  return image;
}

/** A photo that is still here; a tap looks at it again, if its picture is here too. @param {import("./store.js").Photo} photo @param {string} [source] */
function waiting({ uuid, words }, source) {
  const made = document.createElement("li");
  const state = document.createElement("span");
  state.className = "muted small";
  made.dataset.photoWaits = uuid;
  made.append(state);
  if (!source) return made;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "bare";
  button.append(picture(source, words));
  button.addEventListener("click", () => lookAgain(uuid));
  made.prepend(button);
  return made;
}

/** Show the photos of this ticket that are still on the phone. */
async function draw() {
  const own = await ownPictures(number, false);
  for (const [uuid, source] of shown) {
    if (own.some((each) => each.uuid === uuid && each.blob)) continue;
    URL.revokeObjectURL(source);
    shown.delete(uuid);
    list.querySelector(`[data-photo-waits="${uuid}"]`)?.remove();
  }
  for (const each of own) {
    let made = list.querySelector(`[data-photo-waits="${each.uuid}"]`);
    if (!made) {
      if (each.blob) shown.set(each.uuid, URL.createObjectURL(each.blob));
      made = waiting(each, shown.get(each.uuid));
      list.append(made);
    }
    made.lastChild.textContent = each.blob ? (each.refusal ?? standing(each)) : `${each.words} · ${standing(each)}`;
  }
}

/** @param {HTMLFormElement} form @param {File} file @param {Blob} blob */
async function take(form, file, blob) {
  const kind = form.elements.namedItem("kind").value;
  const { placed } = await keepPicture({ ticket: number, name: file.name, blob, words: form.dataset.photo, fields: { kind, taken_at: takenAt(file) } });
  said.textContent = t("The photo is saved on this phone.");
  await placed;
}

/** Let a photo that is still here be covered, taken anew or discarded; nothing of it is sent meanwhile. @param {string} uuid */
async function lookAgain(uuid) {
  holdBack(uuid);
  // A phone without room for this mark may still discard the photo.
  await changePhoto(uuid, { looked_at: Date.now() }).catch(() => undefined);
  const photo = (await photos()).find((each) => each.uuid === uuid);
  if (!photo?.blob) return holdBack("");
  const verdict = await lookAt({ blob: photo.blob, words: photo.words, isNew: false, isOut: photo.is_out });
  if (verdict === "again") {
    replaced = uuid;
    part.querySelector(`form[data-photo="${CSS.escape(photo.words)}"] input[type=file]`)?.click();
    return;
  }
  if (verdict === "kept") {
    await letGo(uuid);
    return;
  }
  // Under its old name the server may know another picture.
  const other = verdict === "gone" ? null : { ...photo, blob: verdict.blob, uuid: newId(), looked_at: 0 };
  const isDone = await replacePhoto(uuid, other).catch(() => null);
  if (isDone === null) {
    // Part of it should not be seen: this page holds it back until its person has decided again.
    said.textContent = t("This phone has no room to cover the photo. It stays here as it was: make room and cover it, or discard it.");
    return;
  }
  holdBack("");
  if (!isDone) said.textContent = t("The photo has left the phone. The desk can cover or remove it.");
  else said.textContent = other ? t("The photo is saved on this phone.") : t("The photo is discarded.");
}

/** Let a photo that is as it was go its way. @param {string} uuid */
async function letGo(uuid) {
  holdBack("");
  await changePhoto(uuid, { looked_at: 0 }).catch(() => undefined);
}

/** End the wait for another photo in the place of one. @param {boolean} isTaken */
async function endReplacing(isTaken) {
  const uuid = replaced;
  replaced = "";
  if (uuid && isTaken) await replacePhoto(uuid, null);
  if (uuid && !isTaken) await letGo(uuid);
  holdBack("");
}

/** Look at what the camera gave, and store it. @param {HTMLFormElement} form @param {HTMLInputElement} input @param {File} file */
async function check(form, input, file) {
  const verdict = await lookAt({ blob: await shrink(file), words: form.dataset.photo, isNew: true });
  // Whatever fails from here on, the file itself is not offered to be sent.
  if (typeof verdict !== "object" || verdict.isCovered) input.value = "";
  if (typeof verdict === "object") await take(form, file, verdict.blob);
  input.value = "";
  if (verdict === "again") return input.click();
  await endReplacing(typeof verdict === "object");
  if (verdict === "gone") said.textContent = t("The photo is discarded.");
}

for (const form of part?.querySelectorAll("form[data-photo]") ?? []) {
  const input = form.querySelector("input[type=file]");
  const button = form.querySelector("[data-photo-button]");
  button.hidden = true;
  input.addEventListener("cancel", () => endReplacing(false));
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    try {
      await check(form, input, file);
    } catch {
      await endReplacing(false);
      // The file is still in the form: it may go the plain way.
      said.textContent = input.value ? t("This phone could not save the photo: no room is left. Send it now, or make room first.") : t("This phone could not save the photo: no room is left. Make room, then take it again.");
      button.hidden = !input.value;
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
  if (detail.kept.ticket !== number || detail.kept.fields.kind === "signature") return;
  progress.hidden = true;
  said.textContent = detail.photo.held ?? t("The photo has arrived.");
  if (!detail.photo.held) list.append(arrived(detail.photo.thumbnail, detail.kept.words, detail.photo.picture));
});
document.addEventListener("photo-tried", async ({ detail }) => {
  const kept = (await ownPictures(number, false)).find((each) => each.uuid === detail);
  if (!kept || kept.outcome) return;
  progress.hidden = true;
  said.textContent = t("The photo is saved on this phone.");
  if (!kept.refusal) return;
  const way = Object.assign(document.createElement("a"), { href: "/crew/unsent", textContent: t("All that is not sent") });
  said.replaceChildren(t("The photo was not taken. It stays on this phone:"), " ", way);
});
if (part) {
  onChange(draw);
  draw();
}
