/* How does a resident choose photos for a report, see them and take one back? */
import { dressPick, newPhotoId, shrink, takenAt } from "/static/shared/photos.js";
import { batchOf, dropPhoto, keepPhoto, waitingPhotos } from "./photo_box.js";

/** @param {any} photo @param {HTMLElement} field @param {() => void} after */
function shown(photo, field, after) {
  const row = document.createElement("li");
  const image = document.createElement("img");
  image.src = URL.createObjectURL(photo.blob);
  image.alt = photo.name;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = field.dataset.remove;
  button.setAttribute("aria-label", `${field.dataset.remove}: ${photo.name}`);
  button.addEventListener("click", async () => {
    await dropPhoto(photo.id);
    URL.revokeObjectURL(image.src);
    row.remove();
    after();
  });
  row.append(image, button);
  return row;
}

/**
 * Take over the plain field: photos are made small, kept here and sent after the report.
 * @param {HTMLElement} field @param {HTMLButtonElement} send
 */
export async function gather(field, send) {
  const input = field.querySelector("input");
  const list = field.querySelector("[data-photo-list]");
  const said = field.querySelector("[data-photo-said]");
  const most = Number(field.dataset.most);
  const after = () => {
    input.disabled = list.children.length >= most;
    said.textContent = input.disabled ? field.dataset.full : "";
  };
  const batch = batchOf(true);
  for (const each of await waitingPhotos((photo) => photo.batch === batch)) list.append(shown(each, field, after));
  after();
  async function take() {
    send.disabled = true;
    try {
      for (const file of [...input.files].slice(0, most - list.children.length)) {
        const photo = { id: newPhotoId(), batch, token: "", name: file.name, takenAt: takenAt(file), blob: await shrink(file), keptAt: Date.now() };
        await keepPhoto(photo);
        list.append(shown(photo, field, after));
      }
      // What waits here is not sent with the form as well.
      input.value = "";
    } finally {
      send.disabled = false;
      after();
    }
  }
  input.addEventListener("change", take);
  dressPick(field);
  field.dataset.ready = "yes";
  // Chosen while this was loading.
  if (input.files.length) await take();
}
