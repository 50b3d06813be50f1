/* What was done on this phone and is not on the server, and what becomes of each part of it? */
import { formatDateTime, t } from "/static/shared/i18n.js";
import { OUTCOME_TONES, element, nameOf, standing, wordsOf } from "./overlay.js";
import { drain, onSending, sending } from "./send.js";
import { commands, dropCommand, dropPhoto, onChange, photos } from "./store.js";
import { storeTap } from "./tap.js";

const part = /** @type {HTMLElement} */ (document.getElementById("unsent"));
const find = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (part.querySelector(selector));
const said = find("[data-said]");
/** The command whose end was asked for once; the second tap ends it. */
let asked = "";
/** Commands that are being made into notes. @type {Set<string>} */
const keeping = new Set();

/** @param {string} label @param {() => void} act */
function button(label, act) {
  const made = /** @type {HTMLButtonElement} */ (element("button", label));
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

/** Say a command in one line of plain text. @param {import("./store.js").Command} command */
const asText = (command) =>
  [formatDateTime(command.at), command.ticket, nameOf(command.kind), wordsOf(command), standing(command), command.reason ?? ""].filter(Boolean).join(" | ");

/** Put what was not done into the story of the ticket as a note, and let the step go. @param {import("./store.js").Command} command */
async function keepAsNote(command) {
  if (keeping.has(command.id)) return;
  keeping.add(command.id);
  const note = [t("%(step)s at %(time)s, not taken", { step: nameOf(command.kind), time: formatDateTime(command.at) }), wordsOf(command), command.reason ?? ""].filter(Boolean).join(". ");
  try {
    await storeTap({ ticket: command.ticket, kind: "note", args: { note } });
    await dropCommand(command.id);
  } finally {
    keeping.delete(command.id);
  }
  said.textContent = t("It is kept as a note.");
}

/** @param {string} id @param {(id: string) => Promise<void>} drop */
async function discard(id, drop) {
  if (asked === id) {
    asked = "";
    await drop(id);
    said.textContent = t("It is discarded.");
    return;
  }
  asked = id;
  await draw();
}

/** @param {string} id @param {(id: string) => Promise<void>} drop */
const discardButton = (id, drop) => button(asked === id ? t("Tap again to discard") : t("Discard"), () => discard(id, drop));

/** Write the value that counts once more, so that it is the last word on its field. @param {import("./store.js").Command} command @param {Record<string, unknown>} args @param {string} [words] */
async function choose({ id, ticket, kind, said: own }, args, words = own) {
  if (keeping.has(id)) return;
  keeping.add(id);
  try {
    await storeTap({ ticket, kind, args, said: words });
    await dropCommand(id);
  } finally {
    keeping.delete(id);
  }
  said.textContent = t("It is chosen, and both values stay in the story.");
}

/** @param {import("./store.js").Command} command @param {NonNullable<import("./store.js").Command["other"]>} other */
function choice(command, other) {
  const list = element("ul", "", "past");
  list.append(
    element("li", `${t("On this phone, %(time)s", { time: formatDateTime(command.at) })}: ${wordsOf(command)}`),
    element("li", `${other.by}, ${formatDateTime(other.at)}: ${other.words ?? ""}`),
  );
  const row = element("div", "", "two");
  row.append(button(t("Keep mine"), () => choose(command, command.args)), button(t("Take the other"), () => choose(command, other.args, other.words ?? "")));
  return [element("p", t("Two people wrote it down. Until somebody chooses, the later one counts."), "muted"), list, row];
}

/** @param {import("./store.js").Command} command */
function ways(command) {
  const row = element("div", "", "two");
  if (command.outcome === "held") {
    row.append(button(t("I have seen it"), () => dropCommand(command.id)));
    return row;
  }
  // A stop of a round has no story of its own; what was typed there the server has kept.
  if (command.ticket) row.append(button(t("Keep as a note"), () => keepAsNote(command)));
  row.append(discardButton(command.id, dropCommand));
  return row;
}

/** @param {import("./store.js").Command} command */
function commandRow(command) {
  const row = element("li", "", "card");
  row.dataset.command = command.id;
  const head = element("p");
  const link = /** @type {HTMLAnchorElement} */ (element("a", command.ticket || t("My round"), command.ticket ? "mono" : ""));
  link.href = `/crew/${command.ticket || "round"}`;
  const badge = element("span", standing(command), "badge");
  badge.dataset.tone = OUTCOME_TONES[command.outcome ?? ""] ?? "info";
  head.append(element("span", nameOf(command.kind), "strong"), " ", badge);
  const when = element("p", "", "muted");
  when.append(link, " · ", element("time", formatDateTime(command.at)));
  row.append(head, when);
  if (wordsOf(command) && !command.other) row.append(element("p", wordsOf(command), "said"));
  if (command.reason) row.append(element("p", command.reason, "remark"));
  if (command.changes?.length) {
    const list = element("ul", "", "past");
    list.append(...command.changes.map((each) => element("li", [`${each.what}: ${each.by}, ${formatDateTime(each.at)}`, ...(each.why ?? [])].join(" · "))));
    row.append(element("p", t("What happened there meanwhile:"), "muted"), list);
  }
  if (command.other) row.append(...choice(command, command.other));
  else if (command.outcome) row.append(ways(command));
  return row;
}

/** A photo that the server does not take goes to the phone's own files. @param {import("./store.js").Photo} photo */
function saveLink(photo) {
  const link = /** @type {HTMLAnchorElement} */ (element("a", t("Save the photo to the phone"), "button"));
  link.href = URL.createObjectURL(photo.blob);
  link.download = photo.name;
  return link;
}

/** @param {import("./store.js").Photo} photo */
function photoRow(photo) {
  const row = element("li", "", "card");
  const link = /** @type {HTMLAnchorElement} */ (element("a", photo.ticket, "mono"));
  link.href = `/crew/${photo.ticket}`;
  const when = element("p", "", "muted");
  when.append(link, " · ", element("time", formatDateTime(photo.at)));
  row.append(element("p", `${t("Photo")}: ${photo.words}`, "strong"), when);
  if (!photo.refusal) row.append(discardButton(photo.uuid, dropPhoto));
  if (photo.refusal) row.append(element("p", photo.refusal, "remark"), saveLink(photo), discardButton(photo.uuid, dropPhoto));
  return row;
}

/** @param {string} selector @param {HTMLElement[]} rows */
function fill(selector, rows) {
  const place = find(selector);
  place.hidden = rows.length === 0;
  place.querySelector("ul")?.replaceChildren(...rows);
}

async function draw() {
  const [all, pictures] = [await commands(), await photos()];
  const waiting = all.filter((each) => !each.outcome);
  const settled = all.filter((each) => each.outcome);
  fill("[data-settled]", [...settled.map(commandRow), ...pictures.filter((each) => each.refusal).map(photoRow)]);
  fill("[data-waiting]", [...pictures.filter((each) => !each.refusal).map(photoRow), ...waiting.map(commandRow)]);
  const isEmpty = all.length + pictures.length === 0;
  find("[data-nothing]").hidden = !isEmpty;
  find("[data-kept-words]").hidden = isEmpty;
  find("[data-ways]").hidden = isEmpty;
  find("[data-signed-out]").hidden = ![sending.trouble, sending.photoTrouble].includes("signed-out");
  find("[data-plain]").hidden = "serviceWorker" in navigator;
}

async function copy() {
  const text = [...(await commands()).map(asText), ...(await photos()).map((each) => [formatDateTime(each.at), each.ticket, t("Photo"), each.words].join(" | "))].join("\n");
  const box = /** @type {HTMLTextAreaElement} */ (find("textarea"));
  box.value = text;
  box.hidden = false;
  box.select();
  try {
    await navigator.clipboard.writeText(text);
    said.textContent = t("Copied. Paste it into a message to the desk.");
  } catch {
    said.textContent = t("Copy the text below and send it to the desk.");
  }
}

find("[data-send]").addEventListener("click", drain);
find("[data-copy]").addEventListener("click", copy);
onChange(draw);
onSending(draw);
draw();
