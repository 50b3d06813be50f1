/* What is the desk made of, and how do its parts share one choice? */
import { effect, html, render, useEffect } from "/static/vendor/preact.js";
import { formatTime, t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";
import { separateCall } from "./api.js";
import { Board, ViewSwitch } from "./board.js";
import { listen as listenOnBoard } from "./board_drag.js";
import { isPaneOpen, view } from "./board_store.js";
import { Dialogs } from "./dialogs.js";
import { openDraft } from "./draft.js";
import { HandoverBanner } from "./handover.js";
import { listen } from "./keys.js";
import { pollNow, start } from "./live.js";
import { MapView } from "./map_view.js";
import { Queue } from "./queue.js";
import { refused } from "./steps.js";
import { callPlace, can, clockwork, crewNamed, dialog, dismiss, facts, line, pointing, query, say, select, tab, tickets, toasts } from "./store.js";
import { showSounds } from "./sound_menu.js";
import { startSounds } from "./sounds.js";
import { overdueNumbers, signTab } from "./tab_sign.js";
import { TicketPane } from "./ticket.js";
import { isWall, keepInStep, only } from "./windows.js";

function Banners() {
  const { state, since } = line.value;
  return html`<div class="desk-banners">
    ${state === "away" && html`<div class="banner" data-tone="warn" role="alert">${icon("wifi-off")}<span>${t("Reconnecting; what you see is from %(time)s.", { time: formatTime(since) })}</span></div>`}
    ${clockwork.value.level === "red" && html`<div class="banner" data-tone="danger" role="alert">${icon("alert-octagon")}<span>${can("administer") ? t("The clockwork stands still: no crew is chosen and no warning is given. Start the jobs process.") : t("The clockwork stands still: no crew is chosen and no warning is given. Tell the administrator now, and choose crews by hand.")}</span></div>`}
    <${HandoverBanner} />
  </div>`;
}

function Tabs() {
  const names = [["queue", t("List"), "list"], ["map", t("Map"), "map"], ["board", t("Board"), "calendar"], ["ticket", t("Ticket"), "file-text"]];
  return html`<div class="desk-tabs" role="tablist" aria-label=${t("Parts of the desk")}>${names.map(([key, name, picture]) => html`
    <button type="button" role="tab" id=${`tab-${key}`} aria-controls=${`part-${key}`} aria-selected=${tab.value === key} onClick=${() => (tab.value = key)}>${icon(picture)}${name}${key === "queue" && overdueNumbers.value.length > 0 && html`<span class="badge" data-tone="danger">${overdueNumbers.value.length}</span>`}</button>`)}</div>`;
}

function Toasts() {
  return html`${toasts.value.map((toast) => html`<div class="toast" key=${toast.key} data-tone=${toast.tone}>
    ${icon(toast.tone === "danger" ? "circle-x" : toast.tone === "warn" ? "alert-triangle" : "circle-check")}<span>${toast.text}</span>
    ${toast.undo && html`<button type="button" class="quiet" onClick=${() => { dismiss(toast.key); toast.undo(); }}>${t("Undo")}<kbd aria-hidden="true">u</kbd></button>`}
    <button type="button" class="quiet icon-only" onClick=${() => dismiss(toast.key)}>${icon("x", t("Close"))}</button></div>`)}`;
}

function Desk() {
  useEffect(() => { document.documentElement.dataset.ready = "true"; }, []);
  return html`<${Banners} />${!only && html`<${Tabs} />`}
    <div class="desk-parts" data-tab=${tab.value} data-view=${view.value} data-pane=${isPaneOpen.value} data-only=${only}>
      ${only !== "map" && html`<section class="desk-queue" id="part-queue" aria-label=${t("List")}><${Queue} /></section>`}
      ${only !== "list" && html`<section class="desk-map" id="part-map" aria-label=${t("Map")}><${MapView} /><${ViewSwitch} /></section>`}
      ${only !== "map" && html`<section class="desk-ticket" id="part-ticket" aria-label=${t("Ticket")}><${TicketPane} /></section>`}
      ${!only && html`<section class="desk-board" id="part-board" aria-label=${t("Board")}><${Board} /></section>`}
    </div><${Dialogs} />`;
}

function live() {
  const element = document.getElementById("desk-live");
  if (!element) return;
  effect(() => {
    const { state } = line.value;
    render(state === "live" ? html`<span class="badge" data-tone="good" title=${t("What you see is at most two seconds old")}>${icon("circle-check")}<span class="wide">${t("Live")}</span></span>`
      : state === "away" ? html`<span class="badge" data-tone="warn">${icon("wifi-off")}<span class="wide">${t("Reconnecting")}</span></span>` : null, element);
  });
}

function search() {
  const input = /** @type {HTMLInputElement | null} */ (document.getElementById("desk-search"));
  if (!input) return;
  effect(() => { if (input.value !== query.value) input.value = query.value; });
  input.addEventListener("input", () => (query.value = input.value));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") /** @type {HTMLElement | null} */ (document.getElementById("queue"))?.focus();
  });
  document.getElementById("show-keys")?.addEventListener("click", () => (dialog.value = { kind: "keys" }));
}

/**
 * Say what the caller is to be told; one who was attached can have a ticket of their own after all.
 * @param {any} reply @param {string} sent the form that was saved, where it can be undone
 */
function tellOf(reply, sent) {
  const separate = async () => {
    try {
      const own = await separateCall(sent, reply.report);
      tellOf(own, "");
      select(own.number);
      pollNow();
    } catch (refusal) {
      refused(refusal);
    }
  };
  dismiss(toldLast);
  toldLast = say(reply.tell, { stays: true, undo: sent ? separate : undefined });
}
/** What the caller before was to be told goes with the next; two on the screen would contradict each other. */
let toldLast = 0;

/** The drawer in which a call is taken; the map stays in sight and sets the pin. */
function calls() {
  const drawer = /** @type {HTMLDialogElement | null} */ (document.getElementById("call-drawer"));
  const button = document.getElementById("take-call");
  const form = /** @type {HTMLFormElement | null} */ (drawer?.querySelector("#call"));
  if (!drawer || !button || !form) return;
  // The form loads late; who signs out before that leaves nothing behind either.
  openDraft(facts.user);
  /** @type {ReturnType<typeof import("./call.js").takeCalls> | null} */
  let call = null;
  const close = () => {
    drawer.close();
    pointing.value = null;
    callPlace.value = null;
    button.focus();
  };
  const saved = (/** @type {any} */ reply, /** @type {string} */ sent) => {
    close();
    tellOf(reply, sent);
    select(reply.number);
    pollNow();
  };
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    if (drawer.open) return void call?.focus();
    drawer.show();
    // What is typed before the rest has loaded lands where it is meant to.
    /** @type {HTMLElement | null} */ (form.querySelector("#call-phone"))?.focus();
    if (!call) {
      const { takeCalls } = await import("./call.js");
      call = takeCalls(form, {
        facts,
        onPlace: (spot, look) => (callPlace.value = spot && { spot, look }),
        onSaved: saved, onClose: close, nameCrew: crewNamed,
        openTickets: (account) => [...tickets.value.values()].filter((ticket) => ticket.household?.account === account),
      });
    }
    pointing.value = { words: t("Click where the caller's fault is."), take: call.pin, quiet: true, cancel: close };
    call.focus();
  });
  if (new URLSearchParams(location.search).has("call")) button.click();
}

const place = document.getElementById("desk");
if (place) {
  place.replaceChildren();
  if (isWall) {
    place.dataset.wall = "true";
    import("./wall.js").then(({ Wall }) => render(html`<${Wall} />`, place));
  } else {
    render(html`<${Desk} />`, place);
    const messages = document.getElementById("desk-toasts");
    if (messages) render(html`<${Toasts} />`, messages);
  }
}
signTab();
live();
search();
calls();
listenOnBoard();
listen();
if (!isWall) keepInStep();
showSounds();
startSounds();
start();
const told = sessionStorage.getItem("desk-told");
if (told) {
  sessionStorage.removeItem("desk-told");
  const { reply, sent } = JSON.parse(told);
  tellOf(reply, sent);
}
