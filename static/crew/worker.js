/* Which pages and files of the crew are there without a connection? The list SHELL stands before this. */

/** @type {ServiceWorkerGlobalScope & {SHELL: {version: string, files: string[]}}} */
const worker = /** @type {any} */ (self);
const { version, files } = worker.SHELL;
const SHELLS = "crew-shell-";
const SHELL_NAME = SHELLS + version;
const PAGES = "crew-pages";
const OWNER = "/crew/.owner";
const KEPT = "/crew/.kept";
const NEWCOMER = "/crew/.newcomer";
const OFFLINE = "/crew/offline";
const DAY = "/crew";
const ROUND = "/crew/round";
const ALWAYS = [OFFLINE, "/crew/unsent"];
const PERSON = "X-OneVisit-Person";
const PATIENCE_MS = 3_000;
const TRIES = 4;
const PAUSE_MS = 1_000;
const NOT_PAGES = ["/crew/worker.js", "/crew/manifest.webmanifest", "/crew/join", "/crew/sign-in"];
/** Path of each file of the shell, with the address that carries its hash. */
const known = new Map(files.map((each) => [each.split("?")[0], each]));
/** Whether a page asked for a newer file than this worker has. */
let isBehind = false;
let turn = Promise.resolve();
let days = Promise.resolve();

/** Try again where a bad line broke off, a little later each time; not while there is no connection. @template T @param {() => Promise<T>} work @returns {Promise<T>} */
async function again(work) {
  for (let tries = 1; tries < TRIES; tries += 1) {
    try {
      return await work();
    } catch (reason) {
      if (!worker.navigator.onLine) throw reason;
      await new Promise((done) => setTimeout(done, PAUSE_MS * 2 ** tries));
    }
  }
  return work();
}

/** Fetch what no older shell has; the new one is whole or not there at all. */
async function install() {
  const shell = await caches.open(SHELL_NAME);
  const missing = [];
  for (const each of files) {
    const found = await caches.match(each);
    if (found) await shell.put(each, found);
    else missing.push(each);
  }
  await Promise.all(missing.map((each) => again(() => shell.add(each))));
  await worker.skipWaiting();
}

async function activate() {
  const old = (await caches.keys()).filter((each) => each.startsWith(SHELLS) && each !== SHELL_NAME);
  await Promise.all(old.map((each) => caches.delete(each)));
  await worker.clients.claim();
}

/** @param {Request} request @param {URL} url @param {string} address */
async function fromShell(request, url, address) {
  const found = await caches.match(address);
  if (url.searchParams.has("v") && address !== url.pathname + url.search) isBehind = true;
  if (found && !isBehind) return found;
  try {
    return await fetch(request);
  } catch (reason) {
    if (found) return found;
    throw reason;
  }
}

/** Whether our server drew a page for somebody signed in; a captive portal or an error did not. @param {Response} answer */
const isOurs = (answer) => answer.ok && answer.headers.has(PERSON);

/** Do one thing with the kept pages at a time. @param {() => Promise<any>} work */
function inTurn(work) {
  turn = turn.then(work, work);
  return turn;
}

/** Keep a page for its person alone: another one's pages go first. @param {string} path @param {Response} answer */
async function keepPage(path, answer) {
  const person = answer.headers.get(PERSON) ?? "";
  const owner = await (await caches.open(PAGES)).match(OWNER);
  if (owner && (await owner.text()) !== person) await caches.delete(PAGES);
  const pages = await caches.open(PAGES);
  await pages.put(OWNER, new Response(person));
  await pages.put(path, answer);
  await pages.delete(NEWCOMER);
}

/** A page from this phone says of itself since when. @param {Response} kept */
async function marked(kept) {
  const told = Date.parse(kept.headers.get("Date") ?? "");
  const at = new Date(Number.isNaN(told) ? Date.now() : told).toISOString();
  const text = (await kept.text()).replace("<html ", `<html data-kept="${at}" `);
  const headers = new Headers(kept.headers);
  for (const name of ["Content-Encoding", "Content-Length"]) headers.delete(name);
  return new Response(text, { headers });
}

/** What is kept; nothing while it may be of somebody else. @param {string} path */
async function keptPage(path) {
  const pages = await caches.open(PAGES);
  return (await pages.match(NEWCOMER)) ? undefined : pages.match(path, { ignoreVary: true });
}

/** Whether somebody has signed in just now: to load that page again or to go back to it names the sign-in, too. @param {Request} request */
function isSignIn(request) {
  const { referrer, isReloadNavigation: isReload, isHistoryNavigation: isBack } = /** @type {any} */ (request);
  return !isReload && !isBack && /^https?:\/\/[^/]+\/(crew\/)?sign-in/.test(referrer);
}

/** Show the kept pages to nobody until their person is known; a full phone has no room for the mark, and lets them go. */
const markNewcomer = () => caches.open(PAGES).then((pages) => pages.put(NEWCOMER, new Response())).catch(() => caches.delete(PAGES));

/** The newest page, else the one that this phone has. @param {FetchEvent} event @param {string} path */
async function page(event, path) {
  // Until the server has said who signed in, however slow the network is, the kept pages are shown to nobody.
  if (isSignIn(event.request)) await inTurn(markNewcomer);
  const kept = await keptPage(path);
  const fresh = fetch(event.request).then((answer) => {
    if (isOurs(answer)) {
      const copy = answer.clone();
      event.waitUntil(inTurn(() => keepPage(path, copy)));
    }
    return answer;
  });
  const late = new Promise((done) => kept && setTimeout(done, PATIENCE_MS, null));
  const answer = await Promise.race([fresh.catch(() => null), late]);
  event.waitUntil(fresh.catch(() => null));
  const isPortal = answer?.ok && !answer.headers.has(PERSON);
  if (answer && !(kept && (isPortal || answer.status >= 500))) return answer;
  if (kept) return marked(kept);
  const offline = await keptPage(OFFLINE);
  return offline ? marked(offline) : Response.error();
}

/** Fetch and keep one page; returns its text, null when the server did not give it. @param {string} path */
async function takePage(path) {
  const asked = async () => {
    const answer = await fetch(path, { credentials: "same-origin", headers: { Accept: "text/html" } });
    return { answer, text: await answer.clone().text() };
  };
  const { answer, text } = await again(asked).catch(() => ({ answer: null, text: "" }));
  if (!answer || !isOurs(answer) || answer.redirected) return null;
  await inTurn(() => keepPage(path, answer));
  return text;
}

/** @param {string} text @param {string} path */
const linksUnder = (text, path) => new Set([...text.matchAll(/href="([^"#?]+)"/g)].map((each) => each[1]).filter((each) => each.startsWith(`${path}/`)));

/** Have the forms that a page leads to; a tap changes its round and hardly ever the forms of it. @param {string} text @param {string} path @param {boolean} isSame whether the kept ones are of this language and version */
async function takeForms(text, path, isSame) {
  const links = linksUnder(text, path);
  const kept = new Set();
  if (path === ROUND) {
    const pages = await caches.open(PAGES);
    for (const { url } of await pages.keys()) {
      const each = new URL(url).pathname;
      if (!each.startsWith(`${ROUND}/`)) continue;
      if (isSame && links.has(each)) kept.add(each);
      else await pages.delete(url);
    }
  }
  return Promise.all([...links].filter((each) => !kept.has(each)).map(takePage));
}

/** Have every ticket of the day and the round with their forms; only what changed is fetched. @param {{keep: Record<string, string>, language: string}} wanted */
async function keepDay({ keep, language }) {
  const before = await keptPage(KEPT);
  /** @type {Record<string, string>} */
  const had = before ? await before.json() : {};
  /** @type {Record<string, string>} */
  const has = {};
  const all = [[DAY, Object.entries(keep).join()], ...ALWAYS.map((path) => [path, ""]), ...Object.entries(keep).map(([number, seen]) => [`/crew/${number}`, seen])];
  for (const [path, seen] of all) {
    const drawn = `/${language}/${version}`;
    const state = seen + drawn;
    const isKept = had[path] === state && (await keptPage(path));
    const text = isKept ? "" : await takePage(path);
    const forms = text && path !== DAY ? await takeForms(text, path, had[path]?.endsWith(drawn) ?? false) : [];
    if (text === null || forms.includes(null)) break;
    has[path] = state;
    // A worker may be ended at any moment: what is whole is not fetched again.
    await inTurn(async () => (await caches.open(PAGES)).put(KEPT, Response.json({ ...had, ...has })));
  }
  await inTurn(async () => {
    const pages = await caches.open(PAGES);
    const isGone = (/** @type {string} */ path) => path.startsWith("/crew/W") && !keep[path.split("/")[2]];
    for (const { url } of await pages.keys()) if (isGone(new URL(url).pathname)) await pages.delete(url);
    // Those behind one that could not be fetched are kept as they were.
    const known = Object.entries({ ...had, ...has }).filter(([path]) => all.some(([each]) => each === path));
    await pages.put(KEPT, Response.json(Object.fromEntries(known)));
  });
  return all.every(([path]) => path in has);
}

/** Keep one day after the other, and tell the page that asked whether all of it is there. @param {ExtendableMessageEvent} event */
function answer(event) {
  const keep = async () => event.source?.postMessage({ isWhole: await keepDay(event.data) });
  days = days.then(keep, keep);
  return days;
}

worker.addEventListener("install", (event) => event.waitUntil(install()));
worker.addEventListener("activate", (event) => event.waitUntil(activate()));
worker.addEventListener("message", (event) => {
  const { keep, keepPath = "" } = event.data ?? {};
  if (keep) event.waitUntil(answer(event));
  // What a crew did on an open page shows on the kept one too.
  if (keepPath.startsWith("/crew/")) event.waitUntil(takePage(keepPath));
});
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== worker.location.origin) return;
  const address = known.get(url.pathname);
  if (address) event.respondWith(fromShell(request, url, address));
  else if (request.mode === "navigate" && /^\/crew(\/|$)/.test(url.pathname) && !NOT_PAGES.includes(url.pathname)) event.respondWith(page(event, url.pathname));
});
