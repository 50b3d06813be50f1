/* Is this device told of alerts while no page is open, and how is that switched on and off? */
import { postJson, Refusal } from "./http.js";

const PATH = "/api/v1/push-subscriptions";
/** @type {HTMLElement[]} */
const places = [...document.querySelectorAll("[data-push]")];
const key = places[0]?.dataset.key ?? "";
const toggle = (/** @type {HTMLElement} */ place) => /** @type {HTMLButtonElement} */ (place.querySelector("button"));

/** @param {string} state @param {string} [refusal] what the server said */
function show(state, refusal = "") {
  for (const place of places) {
    place.dataset.state = state;
    for (const words of place.querySelectorAll("[data-when]")) {
      words.hidden = words.dataset.when !== state;
      if ("refusal" in words.dataset) words.textContent = refusal;
    }
    toggle(place).setAttribute("aria-checked", String(state === "on"));
    toggle(place).disabled = ["unset", "insecure", "apple", "unsupported"].includes(state);
  }
}

/** Say why this browser cannot be told at all, null when it can. */
function obstacle() {
  if (!key) return "unset";
  if (!window.isSecureContext) return "insecure";
  if ("serviceWorker" in navigator && "PushManager" in window && "Notification" in window) return null;
  const isApple = /iPhone|iPad/.test(navigator.userAgent) || (/Mac/.test(navigator.platform) && navigator.maxTouchPoints > 1);
  return isApple && !matchMedia("(display-mode: standalone)").matches ? "apple" : "unsupported";
}

/** The subscription that this browser holds, null without one. */
async function held() {
  const registration = await navigator.serviceWorker?.getRegistration("/");
  return (await registration?.pushManager?.getSubscription()) ?? null;
}

/** Return this device as the server knows it; a subscription that is not this person's ends. */
async function known() {
  const subscription = await held();
  if (!subscription) return null;
  const { device } = await postJson(`${PATH}/here`, { endpoint: subscription.endpoint });
  if (!device || isOfOtherKey(subscription)) {
    if (device) await postJson(`${PATH}/${device.id}/delete`, {});
    await subscription.unsubscribe();
    return null;
  }
  return device;
}

/** @param {string} text base64url */
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));

/** Tell whether the keys of the installation were made anew since. @param {PushSubscription} subscription */
function isOfOtherKey(subscription) {
  const used = subscription.options?.applicationServerKey;
  if (!key || !used) return false;
  const [now, before] = [bytes(key), new Uint8Array(used)];
  return now.length !== before.length || now.some((each, at) => each !== before[at]);
}

/** Wait until a worker runs; a browser subscribes with no other. @param {ServiceWorkerRegistration} registration */
async function running(registration) {
  const starting = registration.installing ?? registration.waiting;
  if (registration.active || !starting) return registration;
  await new Promise((done, failed) => {
    starting.addEventListener("statechange", () => {
      if (starting.state === "activated") done(null);
      if (starting.state === "redundant") failed(new DOMException("", "AbortError"));
    });
  });
  return registration;
}

async function switchOn() {
  const answer = await Notification.requestPermission();
  if (answer !== "granted") return show(answer === "denied" ? "denied" : "unanswered");
  const registration = await running(await navigator.serviceWorker.register("/push-worker.js", { scope: "/" }));
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
  const { endpoint, keys } = subscription.toJSON();
  try {
    await postJson(PATH, { endpoint, keys });
  } catch (reason) {
    await subscription.unsubscribe();
    throw reason;
  }
  return tell("on");
}

async function switchOff() {
  const device = await known();
  if (device) await postJson(`${PATH}/${device.id}/delete`, {});
  await (await held())?.unsubscribe();
  return tell("off");
}

/** Show the new state; a page that lists the devices is loaded anew. @param {string} state */
function tell(state) {
  show(state);
  if (places.some((place) => "reloads" in place.dataset)) window.location.reload();
}

/** @param {MouseEvent} event */
async function change(event) {
  const isOn = /** @type {HTMLElement} */ (event.currentTarget).getAttribute("aria-checked") === "true";
  if (places[0].dataset.state === "busy") return;
  show("busy");
  try {
    await (isOn ? switchOff() : switchOn());
  } catch (reason) {
    if (reason instanceof Refusal) show("refused", reason.message);
    else show(reason?.name === "NotAllowedError" ? "denied" : "unreachable");
  }
}

async function begin() {
  const fault = obstacle();
  if (fault && places.length) return show(fault);
  if (!("Notification" in window) || !("serviceWorker" in navigator)) return;
  if (Notification.permission === "denied") return show("denied");
  try {
    const device = Notification.permission === "granted" ? await known() : null;
    show(device ? "on" : "off");
  } catch (reason) {
    // Without the server nothing is known; the next page asks again.
    show("refused", reason instanceof Refusal ? reason.message : "");
  }
}

for (const place of places) toggle(place).addEventListener("click", change);
begin();
