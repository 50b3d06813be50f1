/* How is a ticket carried to a crew: by pointer, by keys, and what is sent in the end? */
import { effect } from "/static/vendor/preact.js";
import { t } from "/static/shared/i18n.js";
import { cursor, carried, carry, drop, hours, isPaneOpen, mayCarry, rowOf, rows, show, view, wantsFocus } from "./board_store.js";
import { zooms } from "./board_days.js";
import { setHours } from "./board_sight.js";
import { chosen, dialog, pointing, select, selected, tickets } from "./store.js";
import { singleKeys } from "./single_keys.js";
import { refused, take } from "./steps.js";

const FAR = 6;
const EDGE = 48;
/** So long a finger rests on a ticket before it is lifted; a shorter touch scrolls. */
const LONG_PRESS = 450;

/** Send the crew that is pointed at; for any but the best the rule asks why. @param {number} crewId @param {string} [reason] */
export async function send(crewId, reason) {
  const held = carried.value;
  const offer = held?.offers?.get(crewId);
  const ticket = held && tickets.value.get(held.number);
  if (!offer || !ticket || ticket.crew?.id === crewId) return;
  if (!offer.is_best && !reason) {
    cursor.value = crewId;
    carried.value = { ...held, asks: crewId, by: "keys" };
    return;
  }
  drop();
  try {
    await take(ticket, "dispatch", offer.is_best ? { crew_id: crewId } : { crew_id: crewId, override_reason: reason });
  } catch (refusal) {
    refused(refusal);
  }
}

/** The element that follows the pointer; it is none of the tree, so that moving costs nothing. */
let chip = /** @type {HTMLElement | null} */ (null);
/** @typedef {{number: string, x: number, y: number, isOn: boolean, id: number, isTouch: boolean}} Hand */
/** @type {Hand | null} */
let hand = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let resting;

/** @param {Event} event */
const ticketAt = (event) => {
  const target = event.target instanceof Element ? event.target.closest(".queue-row, [data-ticket]") : null;
  if (!target) return "";
  return target instanceof HTMLElement && target.dataset.ticket ? target.dataset.ticket : target.id.replace("row-", "");
};

/** @param {PointerEvent} event */
function pressed(event) {
  if (event.button !== 0 || hand?.isOn || view.value !== "board" || dialog.value) return;
  const number = ticketAt(event);
  if (!number) return;
  const held = { number, x: event.clientX, y: event.clientY, isOn: false, id: event.pointerId, isTouch: event.pointerType === "touch" };
  hand = held;
  clearTimeout(resting);
  if (held.isTouch) resting = setTimeout(() => { if (hand === held && lift(held)) place(held.x, held.y, true); else if (hand === held) hand = null; }, LONG_PRESS);
}

/** Bring the chip to the pointer; a finger would cover what stands below it. @param {number} x @param {number} y @param {boolean} isTouch */
function place(x, y, isTouch) {
  chip?.style.setProperty("translate", isTouch ? `${Math.max(8, x - 60)}px ${y - 72}px` : `${x + 14}px ${y + 16}px`);
}

/** @param {PointerEvent} event */
function moved(event) {
  if (!hand || event.pointerId !== hand.id) return;
  if (!hand.isOn) {
    if (Math.hypot(event.clientX - hand.x, event.clientY - hand.y) < (hand.isTouch ? 2 * FAR : FAR)) return;
    if (hand.isTouch || !lift(hand)) return void (hand = null);
  }
  event.preventDefault();
  hand.x = event.clientX;
  hand.y = event.clientY;
  place(hand.x, hand.y, hand.isTouch);
  feel(hand);
}

/** Point at the crew under the hand, once the board has scrolled. @param {Hand} held */
function feel(held) {
  nudge(held.y);
  cursor.value = crewAt(held.x, held.y);
}

/** Go on while the hand rests: the board scrolls at its edge, and rows move under it when they are read anew. @param {Hand} held */
function keepFeeling(held) {
  requestAnimationFrame(() => {
    if (hand !== held || !held.isOn) return;
    feel(held);
    keepFeeling(held);
  });
}

/** @param {Hand} held */
function lift(held) {
  select(held.number, false);
  if (!carry(held.number, "pointer")) return false;
  held.isOn = true;
  document.body.classList.add("carrying");
  chip = document.createElement("div");
  chip.className = "board-chip";
  chip.setAttribute("aria-hidden", "true");
  chip.append(Object.assign(document.createElement("b"), { textContent: held.number }), Object.assign(document.createElement("span"), { className: "board-chip-fit" }));
  document.body.append(chip);
  keepFeeling(held);
  return true;
}

/** @param {number} x @param {number} y */
function crewAt(x, y) {
  const row = document.elementFromPoint(x, y)?.closest("[data-crew]");
  return row instanceof HTMLElement ? Number(row.dataset.crew) : null;
}

/** Scroll on while the pointer stands near the upper or lower edge. @param {number} y */
function nudge(y) {
  const box = document.querySelector(".board-scroll");
  const frame = box?.getBoundingClientRect();
  if (!box || !frame || y < frame.top || y > frame.bottom) return;
  if (y > frame.bottom - EDGE) box.scrollTop += 8;
  else if (y < frame.top + EDGE + 32) box.scrollTop -= 8;
}

function released() {
  const held = hand;
  hand = null;
  clearTimeout(resting);
  if (!held?.isOn) return;
  // Whose fit was shown is sent, even if its row moved away in this very moment.
  const crew = cursor.value;
  settle();
  // The list would take the end of a drag for a click.
  addEventListener("click", (click) => click.stopPropagation(), { capture: true, once: true });
  setTimeout(() => dispatchEvent(new Event("click")), 0);
  if (crew === null) drop();
  else if (carried.value?.offers) send(crew);
  else waitFor(crew);
}

/** A quick hand may let go before the crews are weighed. @param {number} crew */
function waitFor(crew) {
  cursor.value = crew;
  const stop = effect(() => {
    if (carried.value && !carried.value.offers) return;
    queueMicrotask(() => { stop(); if (carried.value) send(crew); });
  });
}

function settle() {
  document.body.classList.remove("carrying");
  chip?.remove();
  chip = null;
}

function putBack() {
  hand = null;
  clearTimeout(resting);
  settle();
  drop();
}

/** What the pointer's chip says. @param {string} words @param {string} tone */
export function tellChip(words, tone) {
  const place = chip?.querySelector(".board-chip-fit");
  if (!place || !chip) return;
  place.textContent = words;
  chip.dataset.tone = tone;
}

const grid = () => /** @type {HTMLElement | null} */ (document.getElementById("board-grid"));

/** @param {number} by */
export function zoom(by) {
  const at = zooms.value.indexOf(hours.value) + by;
  if (zooms.value[at]) setHours(zooms.value[at]);
}

/** @param {number} step */
function toCrew(step) {
  const list = rows.value;
  if (!list.length) return;
  const at = list.findIndex((/** @type {any} */ row) => row.id === cursor.value);
  const from = at >= 0 ? at : step > 0 ? -1 : list.length;
  cursor.value = list[Math.min(list.length - 1, Math.max(0, from + step))].id;
}

/** @param {number} step */
function toBar(step) {
  const bars = rowOf(cursor.value)?.bars ?? [];
  if (!bars.length) return;
  const at = bars.findIndex((/** @type {any} */ bar) => bar.ticket === selected.value);
  select(bars[at < 0 ? (step > 0 ? 0 : bars.length - 1) : Math.min(bars.length - 1, Math.max(0, at + step))].ticket, false);
}

/** Begin or end what the key `b` stands for. */
function turnBoard() {
  if (view.value === "board" && carried.value) return drop();
  if (view.value === "board" && !mayCarry(chosen.value)) return show("map");
  show("board");
  if (chosen.value) carry(chosen.value.number, "keys");
  wantsFocus.value = true;
}

function back() {
  if (hand?.isOn || carried.value) putBack();
  else if (isPaneOpen.value) isPaneOpen.value = false;
  else if (document.activeElement === grid()) document.getElementById("queue")?.focus();
  else return false;
  return true;
}

function enter() {
  if (carried.value) {
    if (cursor.value !== null) send(cursor.value);
    return true;
  }
  if (!selected.value) return false;
  isPaneOpen.value = true;
  setTimeout(() => /** @type {HTMLElement | null} */ (document.querySelector(".ticket-title"))?.focus(), 0);
  return true;
}

/** @type {Record<string, () => boolean | void>} */
const ON_BOARD = { Escape: back, Enter: enter, "+": () => zoom(-1), "=": () => zoom(-1), "-": () => zoom(1) };
/** @type {Record<string, () => boolean | void>} */
const IN_GRID = {
  ArrowDown: () => toCrew(1), ArrowUp: () => toCrew(-1), ArrowLeft: () => toBar(-1), ArrowRight: () => toBar(1),
  Home: () => toCrew(-rows.value.length), End: () => toCrew(rows.value.length), PageDown: () => toCrew(10), PageUp: () => toCrew(-10),
};

/** @param {KeyboardEvent} event */
function keyed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || dialog.value || pointing.value || event.defaultPrevented) return;
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (target?.closest("dialog, input, textarea, select, [contenteditable]")) {
    if (event.key === "Escape" && target.closest(".board-fit")) {
      event.preventDefault();
      drop();
      grid()?.focus();
    }
    return;
  }
  if (event.key === "b" && singleKeys.value) {
    event.preventDefault();
    return turnBoard();
  }
  if (view.value !== "board" || (event.key === "Enter" && target?.closest("button:not([data-ticket]), a, summary"))) return;
  const isHere = target === grid() || (carried.value && !target?.closest("#queue"));
  const command = (isHere && IN_GRID[event.key]) || ON_BOARD[event.key];
  if (!command || command() === false) return;
  event.preventDefault();
}

/** Listen to pointer and keys, before the rest of the desk does. */
export function listen() {
  document.addEventListener("pointerdown", pressed);
  document.addEventListener("pointermove", moved);
  document.addEventListener("pointerup", released);
  document.addEventListener("pointercancel", () => { if (hand) putBack(); });
  // The page must not scroll under a finger that carries a ticket, nor open a menu.
  document.addEventListener("touchmove", (event) => { if (hand?.isOn) event.preventDefault(); }, { passive: false });
  document.addEventListener("contextmenu", (event) => { if (hand?.isTouch) event.preventDefault(); });
  document.addEventListener("dragstart", (event) => hand && event.preventDefault());
  document.addEventListener("selectstart", (event) => hand?.isOn && event.preventDefault());
  document.addEventListener("keydown", keyed, { capture: true });
}

/** What this sheet of keys holds, for the desk's own. */
export const boardKeys = () => [
  ["b", t("To the board with the ticket, or back")], ["↑ ↓", t("Crew above or below")], ["← →", t("Visit before or after")],
  ["↵", t("Send the crew, or open the ticket")], ["+ −", t("Fewer or more hours")], ["Esc", t("Put the ticket back")],
];
