/* How does a photo become small on the telephone, and how does it reach the server with its progress? */

const LONGEST = 2048;
const QUALITY = 0.85;
const TIMEOUT_MS = 120_000;

/** The server refused the photo (status 4xx), or it could not be reached (status 0). */
export class PhotoRefusal extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }

  /** Whether the same photo may be taken when it is sent again later: only these say that it is wrong. */
  get isForNow() {
    return ![413, 415, 422].includes(this.status);
  }
}

/** A name for a photo; `randomUUID` is missing on plain http. */
export function newPhotoId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Draw a photo anew, at most 2,048 pixels long and without what the camera wrote; as it is where that fails. @param {File} file @returns {Promise<Blob>} */
export async function shrink(file) {
  try {
    const image = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(image.width * scale));
    canvas.height = Math.max(1, Math.round(image.height * scale));
    const pen = canvas.getContext("2d");
    pen.fillStyle = "white";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    image.close();
    const drawn = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    return drawn ?? file;
  } catch {
    return file;
  }
}

/** Let a button with our words stand for the browser's own field. @param {ParentNode} part */
export function dressPick(part) {
  const pick = part.querySelector("[data-pick]");
  pick?.classList.add("photo-pick");
  pick?.querySelector("span")?.removeAttribute("hidden");
}

/** When a photo was taken, as far as the telephone tells. @param {File} file */
export const takenAt = (file) => (file.lastModified ? new Date(file.lastModified).toISOString() : "");

/**
 * Send one photo; `onProgress` hears the share that is through, from 0 to 1, `signal` ends it early.
 * @param {string} url @param {{photo: Blob, name: string, fields: Record<string, string>}} what
 * @param {(share: number) => void} [onProgress] @param {AbortSignal} [signal] @returns {Promise<any>}
 */
export function sendPhoto(url, { photo, name, fields }, onProgress = () => undefined, signal = undefined) {
  const body = new FormData();
  for (const [key, value] of Object.entries(fields)) if (value !== "") body.set(key, value);
  body.set("file", photo, name);
  const request = new XMLHttpRequest();
  request.open("POST", url);
  request.responseType = "json";
  request.timeout = TIMEOUT_MS;
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("X-CSRFToken", document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "");
  request.upload.addEventListener("progress", (event) => event.lengthComputable && onProgress(event.loaded / event.total));
  signal?.addEventListener("abort", () => request.abort());
  return new Promise((done, fail) => {
    const lose = () => fail(new PhotoRefusal(0, ""));
    for (const each of ["error", "abort", "timeout"]) request.addEventListener(each, lose);
    request.addEventListener("load", () => {
      // A captive portal answers 200 with a page of its own.
      if (request.status < 300 && request.response) done(request.response);
      else fail(new PhotoRefusal(request.response ? request.status : 0, request.response?.error?.message ?? ""));
    });
    request.send(body);
  });
}
