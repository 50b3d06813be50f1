/* What does a push look like on this device, and what opens when it is tapped? */

/** @type {ServiceWorkerGlobalScope} */
const worker = /** @type {any} */ (self);

/** Show what came; a browser takes pushes away from a site that shows none. @param {PushMessageData | null} came */
async function show(came) {
  let told = {};
  try {
    told = came?.json() ?? {};
  } catch {
    told = {};
  }
  const { title = "OneVisit", body = "", lang = "", tag = "", url = "/", number = "" } = told;
  const looks = { body, lang, tag, data: { url, number }, requireInteraction: true, renotify: Boolean(tag), vibrate: [200, 100, 200] };
  await worker.registration.showNotification(title, looks);
}

/** Tell whether a window shows a ticket already. @param {string} address @param {string} number */
function shows(address, number) {
  const { pathname, searchParams } = new URL(address);
  return Boolean(number) && (pathname === `/crew/${number}` || searchParams.get("ticket") === number);
}

/** Open the ticket: in the window that shows it, else in a new one, so that no work is lost. @param {{url?: string, number?: string}} told */
async function open({ url = "/", number = "" }) {
  const windows = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const shown = windows.find((each) => shows(each.url, number));
  if (shown) return shown.focus();
  const target = new URL(url, worker.location.origin);
  return worker.clients.openWindow(target.origin === worker.location.origin ? target.href : "/");
}

worker.addEventListener("install", () => worker.skipWaiting());
worker.addEventListener("push", (event) => event.waitUntil(show(event.data)));
worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data ?? {}));
});
