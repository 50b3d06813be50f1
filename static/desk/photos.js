/* Which photos does the ticket have, how are they looked at, and how does the desk add one? */
import { html, useEffect, useLayoutEffect, useRef, useSignal } from "/static/vendor/preact.js";
import { formatDateTime, formatTime, t } from "/static/shared/i18n.js";
import { getJson, postJson } from "/static/shared/http.js";
import { icon } from "/static/shared/icon.js";
import { CoverStage } from "./cover.js";
import { newPhotoId, sendPhoto, shrink, takenAt } from "/static/shared/photos.js";
import { can, say } from "./store.js";

/** Walking through the list by key asks for none of them. */
const CALM = 350;
const FORMATS = "image/jpeg,image/png,image/webp";

/** @param {string} number */
const address = (number) => `/api/v1/tickets/${encodeURIComponent(number)}/attachments`;
/** @param {string} number @param {any} photo @param {string} size */
const part = (number, photo, size) => `${address(number)}/${photo.id}/${size}`;
/** Under its hash a browser keeps it for good. @param {string} number @param {any} photo @param {string} size */
const source = (number, photo, size) => `${part(number, photo, size)}?v=${photo.sha256}`;

/** Who sent it: the resident, or a person by name. @param {any} photo */
const sender = (photo) => (photo.by === "resident" ? t("resident") : photo.by);

/** What there is to know of a photo: what, by whom, when, where. @param {any} photo */
function told(photo) {
  const where = photo.lat === null ? "" : `${photo.lat.toFixed(5)}, ${photo.lon.toFixed(5)}${photo.accuracy_metres ? ` ± ${Math.round(photo.accuracy_metres)} m` : ""}`;
  const taken = photo.taken_at && t("taken %(time)s", { time: formatDateTime(photo.taken_at) });
  const covered = photo.covered_at && t("covered by %(who)s, %(time)s", { who: photo.covered_by, time: formatDateTime(photo.covered_at) });
  const signed = photo.signer && t("signed by %(who)s", { who: photo.signer });
  return [signed, t("from %(who)s", { who: sender(photo) }), covered, taken, t("received %(time)s", { time: formatDateTime(photo.received_at) }), where].filter(Boolean);
}

/**
 * A step that only an administrator takes, and says why.
 * @param {{number: string, photo: any, step: string, label: string, sure: string, done: string, onDone: () => void}} props
 */
function WithReason({ number, photo, step, label, sure, done, onDone }) {
  const isOpen = useSignal(false);
  const fault = useSignal("");
  if (!can("administer")) return null;
  if (!isOpen.value) return html`<button type="button" class="quiet" onClick=${() => (isOpen.value = true)}>${label}</button>`;
  /** @param {any} event */
  const send = async (event) => {
    event.preventDefault();
    try {
      await postJson(part(number, photo, step), { reason: event.target.elements.reason.value });
      say(done);
      onDone();
    } catch (refusal) {
      fault.value = /** @type {any} */ (refusal).message;
    }
  };
  return html`<form class="row" onSubmit=${send}><label>${t("Reason")} <input name="reason" required maxlength="300" /></label><button class="danger">${sure}</button>
    ${fault.value && html`<span class="toned" data-tone="danger" role="alert">${fault.value}</span>`}</form>`;
}

/** What may be done with the photo that is looked at. @param {{number: string, photo: any, isOriginal: boolean, turnOriginal: () => void, cover: () => void, onDone: () => void}} props */
function Steps({ number, photo, isOriginal, turnOriginal, cover, onDone }) {
  return html`<div class="row photo-steps">
    ${can("dispatch") && html`<button type="button" onClick=${cover}>${icon("eye-off")}${photo.covered_at ? t("Cover more") : t("Cover faces and plates")}</button>`}
    ${photo.covered_at && can("see_personal") && html`<button type="button" class="quiet" aria-pressed=${isOriginal} title=${t("Who looks at it is written down.")} onClick=${turnOriginal}>${icon("eye")}${t("As it was taken")}</button>`}
    ${photo.covered_at && html`<${WithReason} key=${`uncover ${photo.id}`} number=${number} photo=${photo} step="uncover" label=${t("Uncover the photo")} sure=${t("Show it uncovered to everybody")} done=${t("The photo is shown uncovered again.")} onDone=${onDone} />`}
    <${WithReason} key=${photo.id} number=${number} photo=${photo} step="delete" label=${t("Remove the photo")} sure=${t("Remove for good")} done=${t("The photo is removed.")} onDone=${onDone} /></div>`;
}

/**
 * One photo at a time in its full size; the arrows turn to the next, Esc closes.
 * @param {{number: string, photos: any[], at: number, turn: (to: number) => void, close: () => void, reload: () => void}} props
 */
function Viewer({ number, photos, at, turn, close, reload }) {
  const element = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useLayoutEffect(() => {
    if (!element.current?.open) element.current?.showModal();
  }, []);
  const photo = photos[at];
  const [isCovering, original] = [useSignal(false), useSignal("")];
  const isOriginal = original.value === photo.id;
  const alt = `${photo.kind_name}, ${sender(photo)}`;
  /** @param {number} step */
  const go = (step) => {
    original.value = "";
    turn((at + step + photos.length) % photos.length);
  };
  const cover = async (/** @type {any[]} */ boxes) => {
    await postJson(part(number, photo, "cover"), { boxes });
    say(t("Covered. Everybody sees this copy now."));
    reload();
  };
  /** @param {any} event */
  const pressed = (event) => {
    event.stopPropagation();
    if ((event.target.tagName === "INPUT" || isCovering.value) && event.key !== "Escape") return;
    if (event.key === "Escape" && isCovering.value) isCovering.value = false;
    else if (event.key === "ArrowLeft") go(-1);
    else if (event.key === "ArrowRight") go(1);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  };
  return html`<dialog ref=${element} class="dialog photo-viewer" aria-label=${t("Photos")} onKeyDown=${pressed} onClose=${close} onClick=${(/** @type {any} */ event) => event.target === element.current && close()}>
    <header><h2>${photo.kind_name} <span class="muted number">${at + 1} / ${photos.length}</span></h2><button type="button" class="quiet icon-only" onClick=${close}>${icon("x", t("Close"))}</button></header>
    ${isCovering.value ? html`<${CoverStage} src=${source(number, photo, "picture")} width=${photo.width} height=${photo.height} alt=${alt} save=${cover} stop=${() => (isCovering.value = false)} />` : html`<div class="photo-stage"><button type="button" class="quiet icon-only" disabled=${photos.length < 2} onClick=${() => go(-1)}>${icon("chevron-left", t("Previous photo"))}</button>
      <img src=${isOriginal ? part(number, photo, "original") : source(number, photo, "picture")} width=${photo.width} height=${photo.height} alt=${alt} />
      <button type="button" class="quiet icon-only" disabled=${photos.length < 2} onClick=${() => go(1)}>${icon("chevron-right", t("Next photo"))}</button></div>
    <footer><p class="photo-told">${told(photo).join(" · ")}</p><${Steps} number=${number} photo=${photo} isOriginal=${isOriginal} turnOriginal=${() => (original.value = isOriginal ? "" : photo.id)} cover=${() => (isCovering.value = true)} onDone=${reload} /></footer>`}
  </dialog>`;
}

/** What a photo may show that the desk adds; who may not see reporters' photos adds none. @returns {[string, string][]} */
const kinds = () => [["other", t("Other photo")], ["before", t("Before the work")], ["after", t("After the work")], ...(can("see_personal") ? /** @type {[string, string][]} */ ([["report", t("From the reporter")]]) : [])];

/** Small and one after the other; stops at the first that is refused. @param {string} number @param {Iterable<File>} files @param {string} kind @param {(words: string) => void} tell */
async function sendFiles(number, files, kind, tell) {
  const all = [...files];
  for (const [index, file] of all.entries()) {
    const words = (/** @type {number} */ share) => tell(t("Sending photo %(number)s of %(count)s: %(percent)s", { number: index + 1, count: all.length, percent: `${Math.round(100 * share)} %` }));
    words(0);
    const fields = { kind, uuid: newPhotoId(), taken_at: takenAt(file) };
    await sendPhoto(address(number), { photo: await shrink(file), name: file.name, fields }, words);
  }
  say(t("The photos have arrived."));
}

/** @param {{ticket: any, events: any[]}} props */
export function Photos({ ticket, events }) {
  const number = ticket.number;
  const found = useSignal(/** @type {any[] | null} */ (null));
  const fault = useSignal("");
  const busy = useSignal("");
  const at = useSignal(/** @type {number | null} */ (null));
  const isOver = useSignal(false);
  const kind = useSignal("other");
  const load = () => getJson(address(number)).then(({ body }) => (found.value = body.attachments), (refusal) => (fault.value = refusal.message));
  const changes = events.filter((event) => event.kind.startsWith("photo_")).length;
  useEffect(() => {
    const wait = setTimeout(load, CALM);
    return () => clearTimeout(wait);
  }, [number, changes]);
  /** @param {Iterable<File>} files */
  const add = async (files) => {
    fault.value = "";
    try {
      await sendFiles(number, files, kind.value, (words) => (busy.value = words));
    } catch (refusal) {
      fault.value = /** @type {any} */ (refusal).message || t("The photo has not arrived. Try again.");
    }
    busy.value = "";
    await load();
  };
  const shown = (found.value ?? []).filter((photo) => !photo.hidden && !photo.deleted_at);
  const gone = (found.value ?? []).filter((photo) => photo.deleted_at);
  const hidden = (found.value ?? []).filter((photo) => photo.hidden && !photo.deleted_at);
  const drop = {
    onDragOver: (/** @type {any} */ event) => { if (can("write_note") && [...event.dataTransfer.types].includes("Files")) { event.preventDefault(); isOver.value = true; } },
    onDragLeave: () => (isOver.value = false),
    onDrop: (/** @type {any} */ event) => { isOver.value = false; if (event.dataTransfer.files.length && can("write_note")) { event.preventDefault(); add(event.dataTransfer.files); } },
  };
  return html`<section class=${`pane-part photo-part ${isOver.value ? "photo-over" : ""}`} ...${drop}><h3>${t("Photos")}${shown.length > 0 && html` <span class="muted small">${shown.length}</span>`}</h3>
    ${shown.length > 0 && html`<ul class="photo-list">${shown.map((photo, index) => html`<li key=${photo.id}><button type="button" class="bare" aria-label=${`${photo.kind_name}, ${sender(photo)}, ${formatTime(photo.received_at)}`} onClick=${() => (at.value = index)}>
      <img src=${source(number, photo, "thumbnail")} alt="" loading="lazy" /></button><span class="small muted photo-words">${photo.kind_name}${photo.signer && `: ${photo.signer}`} · ${formatTime(photo.taken_at ?? photo.received_at)}</span></li>`)}</ul>`}
    ${found.value && shown.length === 0 && html`<p class="muted">${t("No photos yet.")}</p>`}
    ${hidden.length > 0 && html`<p class="muted small">${t("%(count)s more from residents, for those who may see reporters.", { count: hidden.length })}</p>`}
    ${gone.map((photo) => html`<p key=${photo.id} class="muted small">${photo.deleted_by === "rule" ? t("A photo was removed by rule, %(time)s.", { time: formatDateTime(photo.deleted_at) }) : t("A photo was removed by %(who)s, %(time)s: %(reason)s", { who: photo.deleted_by, time: formatDateTime(photo.deleted_at), reason: photo.deleted_reason })}</p>`)}
    ${can("write_note") && html`<label class="photo-kind small">${t("What they show")} <select value=${kind.value} onChange=${(/** @type {any} */ event) => (kind.value = event.target.value)}>${kinds().map(([key, name]) => html`<option value=${key}>${name}</option>`)}</select></label>
      <label class="button photo-pick">${icon("camera")}${t("Add photos, or drop them here")}<input type="file" accept=${FORMATS} multiple disabled=${Boolean(busy.value)} onChange=${(/** @type {any} */ event) => add([...event.target.files]).then(() => (event.target.value = ""))} /></label>`}
    <p class="small" role="status">${busy.value}</p>
    ${fault.value && html`<p class="toned" data-tone="danger" role="alert">${fault.value}</p>`}
    ${at.value !== null && shown[at.value] && html`<${Viewer} number=${number} photos=${shown} at=${at.value} turn=${(/** @type {number} */ to) => (at.value = to)} close=${() => (at.value = null)} reload=${() => { at.value = null; load(); }} />`}
  </section>`;
}
