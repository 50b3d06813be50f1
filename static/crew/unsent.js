/* What was done on this phone and is not on the server, and what becomes of each part of it? */
import { formatDateTime, t } from "/static/shared/i18n.js";
import { OUTCOME_TONES, element, nameOf, standing, wordsOf } from "./overlay.js";
import { drain, onSending, sending } from "./send.js";
import { commands, dropCommand, dropPhoto, isSettled, onChange, photos } from "./store.js";
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

/** @param {string[]} ids */
const dropCommands = (...ids) => Promise.all(ids.map(dropCommand));

/** Put what was not done into the story of the ticket as a note, and let the steps go. @param {import("./store.js").Command[]} group */
async function keepAsNote(group) {
  const [{ id, ticket, reason }] = group;
  if (keeping.has(id)) return;
  keeping.add(id);
  const steps = group.flatMap((each) => [t("%(step)s at %(time)s, not taken", { step: nameOf(each.kind), time: formatDateTime(each.at) }), wordsOf(each)]);
  try {
    await storeTap({ ticket, kind: "note", args: { note: [...steps, reason ?? ""].filter(Boolean).join(". ") } });
    await dropCommands(...group.map((each) => each.id));
  } finally {
    keeping.delete(id);
  }
  said.textContent = t("It is kept as a note.");
}

/** @param {string} id @param {() => Promise<unknown>} drop */
async function discard(id, drop) {
  if (asked === id) {
    asked = "";
    await drop();
    said.textContent = t("It is discarded.");
    return;
  }
  asked = id;
  await draw();
}

/** @param {string} id @param {() => Promise<unknown>} drop */
const discardButton = (id, drop) => button(asked === id ? t("Tap again to discard") : t("Discard"), () => discard(id, drop));

/** Write the value that counts once more on its own visit, so that it is the last word on its field. @param {import("./store.js").Command} command @param {Record<string, unknown>} args @param {string} [words] */
async function choose(command, args, words = wordsOf(command)) {
  const { id, ticket, kind, other } = command;
  if (keeping.has(id)) return;
  keeping.add(id);
  try {
    await storeTap({ ticket, kind, args: { ...args, visit_id: other?.visit_id }, said: words });
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
  return [element("p", t("Two people wrote it down. Until somebody chooses, the value with the later time counts, whenever it arrived."), "muted"), list, row];
}

/** @param {import("./store.js").Command[]} group */
function ways(group) {
  const [{ id, ticket, outcome }] = group;
  const drop = () => dropCommands(...group.map((each) => each.id));
  const row = element("div", "", "two");
  if (outcome === "held") {
    row.append(button(t("I have seen it"), drop));
    return row;
  }
  // A stop of a round has no story of its own; what was typed there the server has kept.
  if (ticket) row.append(button(t("Keep as a note"), () => keepAsNote(group)));
  row.append(discardButton(id, drop));
  return row;
}

/** What became of the same ticket for the same reason is shown and decided on at once. @param {import("./store.js").Command[]} settled */
function grouped(settled) {
  /** @type {Map<string, import("./store.js").Command[]>} */
  const groups = new Map();
  for (const each of settled) {
    const key = each.other || !each.ticket ? each.id : JSON.stringify([each.ticket, each.outcome, each.reason, each.changes]);
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()];
}

/** @param {import("./store.js").Command} command */
function commandLines(command) {
  const words = command.other ? "" : wordsOf(command);
  const head = element("p");
  head.append(element("span", nameOf(command.kind), "strong"), " · ", element("time", formatDateTime(command.at), "muted nowrap"));
  return words ? [head, element("p", words, "said")] : [head];
}

/** @param {import("./store.js").Command[]} group */
function commandRow(group) {
  const [command] = group;
  const row = element("li", "", "card");
  row.dataset.command = command.id;
  const link = /** @type {HTMLAnchorElement} */ (element("a", command.ticket || t("My round"), "unsent-ticket"));
  link.href = `/crew/${command.ticket || "round"}`;
  const badge = element("span", standing(command), "badge");
  badge.dataset.tone = OUTCOME_TONES[command.outcome ?? ""] ?? "info";
  const head = element("div", "", "row");
  head.append(link, badge);
  row.append(head, ...group.flatMap(commandLines));
  if (command.reason) row.append(element("p", command.reason, "remark"));
  if (command.changes?.length) {
    const list = element("ul", "", "past");
    list.append(...command.changes.map((each) => element("li", [`${each.what}: ${each.by}, ${formatDateTime(each.at)}`, ...(each.why ?? [])].join(" · "))));
    row.append(element("p", t("What happened there meanwhile:"), "muted"), list);
  }
  if (command.other) row.append(...choice(command, command.other));
  else if (command.outcome) row.append(ways(group));
  return row;
}

/** A photo that the server does not take goes to the phone's own files. @param {string} source @param {string} name */
function saveLink(source, name) {
  const link = /** @type {HTMLAnchorElement} */ (element("a", t("Save the photo to the phone"), "button"));
  link.href = source;
  link.download = name;
  return link;
}

/** Addresses of the pictures on the page. @type {Map<string, string>} */
const pictures = new Map();

/** @param {import("./store.js").Photo} photo */
function photoRow({ uuid, ticket, words, at, refusal, outcome, reason, blob, name }) {
  const row = element("li", "", blob ? "card unsent-photo" : "card");
  const image = /** @type {HTMLImageElement} */ (element("img"));
  if (blob && !pictures.has(uuid)) pictures.set(uuid, URL.createObjectURL(blob));
  image.src = pictures.get(uuid) ?? "";
  image.alt = "";
  if (blob) row.append(image);
  const link = /** @type {HTMLAnchorElement} */ (element("a", ticket, "unsent-ticket"));
  link.href = `/crew/${ticket}`;
  const head = element("p");
  head.append(element("span", `${t("Photo")}: ${words}`, "strong"), " · ", element("time", formatDateTime(at), "muted nowrap"));
  row.append(link, head);
  if (refusal) row.append(element("p", refusal, "remark"), saveLink(image.src, name));
  if (outcome) row.append(element("p", [standing({ outcome }), reason].filter(Boolean).join(". "), "remark"));
  row.append(outcome ? button(t("I have seen it"), () => dropPhoto(uuid)) : discardButton(uuid, () => dropPhoto(uuid)));
  return row;
}

/** @param {import("./store.js").Photo[]} left */
function forgetPictures(left) {
  for (const [uuid, source] of pictures) {
    if (left.some((each) => each.uuid === uuid && each.blob)) continue;
    URL.revokeObjectURL(source);
    pictures.delete(uuid);
  }
}

/** @param {string} selector @param {HTMLElement[]} rows */
function fill(selector, rows) {
  const place = find(selector);
  place.hidden = rows.length === 0;
  place.querySelector("ul")?.replaceChildren(...rows);
}

async function draw() {
  const [all, kept] = [await commands(), await photos()];
  forgetPictures(kept);
  const waiting = all.filter((each) => !each.outcome);
  const settled = all.filter((each) => each.outcome);
  fill("[data-settled]", [...grouped(settled).map(commandRow), ...kept.filter(isSettled).map(photoRow)]);
  fill("[data-waiting]", [...kept.filter((each) => !isSettled(each)).map(photoRow), ...waiting.map((each) => commandRow([each]))]);
  const isEmpty = all.length + kept.length === 0;
  find("[data-nothing]").hidden = !isEmpty;
  find("[data-kept-words]").hidden = isEmpty;
  find("[data-ways]").hidden = isEmpty;
  find("[data-signed-out]").hidden = ![sending.trouble, sending.photoTrouble].includes("signed-out");
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
