/* How is a call taken with the keyboard alone, without losing a word and without a second ticket? */
import { html, render } from "/static/vendor/preact.js";
import { formatAgo, formatStopwatch, formatTime, localName, t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";
import { Refusal } from "/static/shared/http.js";
import { newKey, readArrival, readDuplicates, readHouseholds, readPlace } from "./api.js";
import { knowCaller } from "./caller.js";
import { FirstMark } from "./household_first.js";
import { readPair } from "./coordinates.js";
import { openDraft } from "./draft.js";
import { suggestPlaces } from "./places.js";
import { askQuestions } from "./questions.js";
import { Likeliest, Likely } from "./likely.js";
import { keepUnfinished } from "./unfinished.js";
import { asSuggestion } from "./known_notice.js";

const KEPT = ["phone", "name", "address", "lat", "lon", "datum", "source", "household", "kind", "category", "level", "description", "request_key", "answers", "dangers", "unfinished", "send_card"];
const BAD_TOKEN = 400;
const PLACED = ["address", "lat", "lon"];
const PHONE = /^\+?\d[\d ()./-]{4,30}$/;
/** Wait until the typing pauses. */
const calm = (/** @type {() => void} */ act, wait = 220) => {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(act, wait);
  };
};

/**
 * Bring the form of a call to life; without this it is a plain form.
 * @param {HTMLFormElement} form
 * @param {{facts: any, onPlace: (spot: {lat: number, lon: number} | null, look: boolean) => void,
 *   onSaved: (reply: any, sent: string) => void, onClose?: () => void, openTickets?: (account: string) => any[]}} desk
 */
export function takeCalls(form, desk) {
  const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (form.querySelector(`[data-${name}]`));
  const field = (/** @type {string} */ name) => /** @type {any} */ (form.elements.namedItem(name));
  const value = (/** @type {string} */ name) => String(field(name)?.value ?? "").trim();
  const set = (/** @type {string} */ name, /** @type {unknown} */ to) => { if (field(name)) field(name).value = to ?? ""; };
  const categories = new Map(desk.facts.categories.map((/** @type {any} */ each) => [each.key, each]));
  const kept = openDraft(desk.facts.user);
  /** @type {any} */ let household = null;
  /** @type {any[]} */ let likely = [];
  /** @type {Record<string, AbortController>} */ const asking = {};
  let begun = 0;
  let isSaving = false;
  let levelIsOwn = Boolean(value("level"));

  /** Ask, and forget the question before when a newer one is asked. @template T @param {string} what @param {(signal: AbortSignal) => Promise<T>} ask @param {(answer: T) => void} use */
  async function ask(what, ask, use) {
    asking[what]?.abort();
    asking[what] = new AbortController();
    try {
      use(await ask(asking[what].signal));
    } catch (fault) {
      if (fault instanceof Refusal && fault.status === 0) part("problem").textContent ||= fault.message;
      else if (fault instanceof Refusal && what === "place") showNoPlace(fault);
    }
  }

  function keep() {
    const hasWords = isBegun() || Boolean(value("category"));
    if (hasWords && !begun) begun = Date.now();
    if (hasWords) kept.write({ ...words(), begun });
    else kept.remove();
  }

  function restore() {
    const draft = kept.read();
    // Keys that came before this script land behind the number that was kept, as they do after it.
    const early = field("phone").defaultValue ? "" : value("phone");
    if (early) set("phone", "");
    if (draft && !isBegun()) fill(draft);
    if (early) set("phone", value("phone") + early);
  }

  const isBegun = () => ["phone", "name", "address", "description", "lat"].some((name) => value(name));
  const words = () => Object.fromEntries(KEPT.map((name) => [name, value(name)]).filter(([, text]) => text));

  /** Put back what was typed, of a draft or of a call that broke off. @param {Record<string, any>} draft */
  function fill(draft) {
    for (const name of KEPT) if (draft[name]) set(name, draft[name]);
    begun = draft.begun ?? 0;
    levelIsOwn = Boolean(draft.level) && Number(draft.level) !== categories.get(draft.category)?.level;
    placeChanged(true);
    lookForDuplicates();
  }

  function clear() {
    form.reset();
    for (const name of ["household", "attach_to", "notice", "checked", "lat", "lon", "source", "answers", "dangers", "unfinished", "send_card"]) set(name, "");
    set("request_key", newKey());
    [household, likely, begun, levelIsOwn] = [null, [], 0, false];
    for (const name of ["household", "grid", "duplicates", "likeliest"]) render(null, part(name));
    part("problem").textContent = "";
    part("clock").hidden = true;
    for (const each of form.querySelectorAll("[aria-invalid]")) each.removeAttribute("aria-invalid");
    located = "";
    kept.remove();
    desk.onPlace(null, false);
  }

  /** @param {any} found */
  function useHousehold(found) {
    household = found;
    set("household", found.account);
    takeAddress(found.address, found.place && { ...found.place, datum: "wgs84", source: "account" });
    if (!value("name") && found.name) set("name", found.name);
    showHousehold([found]);
    lookUp();
  }

  /** @param {any[]} found */
  function showHousehold(found) {
    const known = household ? [household] : found.slice(0, 3);
    const open = household ? (desk.openTickets?.(household.account) ?? []) : [];
    render(html`${known.map((each) => html`<div class="household" key=${each.account}>
        ${icon("home")}<div><b>${each.name ?? t("no name")}</b> <span class="mono muted small">${each.account} ${each.phone ?? ""}</span><div>${each.address}</div>
        ${each.remarks && html`<div class="small toned" data-tone="warn">${each.remarks}</div>`}
        <${FirstMark} key=${each.account} household=${each} /></div>
        ${household ? html`<span class="toned small nowrap" data-tone="good">${icon("check")} ${t("chosen")}</span>` : html`<button type="button" onClick=${() => useHousehold(each)}>${t("Use")}</button>`}</div>`)}
      ${open.map((ticket) => html`<div class="household open" key=${ticket.number}>${icon("alert-triangle")}<div><b>${ticket.category_name}</b> <span class="number">${ticket.number}</span><div class="small">${ticket.state_name} · ${formatAgo(ticket.received_at)}</div></div>
        <button type="button" onClick=${() => attach(ticket)}>${t("Attach")}</button></div>`)}`, part("household"));
  }

  const lookForCaller = calm(() => {
    const phone = value("phone");
    if (phone.replace(/\D/g, "").length < 4) return void render(null, part("household"));
    ask("caller", (signal) => readHouseholds({ phone }, signal), (found) => !household && showHousehold(found));
  });

  /** A place that is nobody's household: of the address book by its neighbour, or found online. @param {any} found */
  function usePlace(found) {
    household = null;
    set("household", "");
    const spot = found.datum ? found : found.place;
    takeAddress(found.address, spot && { ...spot, datum: spot.datum ?? "wgs84", source: "geocoder" });
    render(null, part("household"));
    lookUp();
  }

  /** Where the address was found; when it is typed over, its point goes too. */
  let located = "";
  /** @param {string} address @param {any} spot */
  function takeAddress(address, spot) {
    set("address", address);
    if (!spot && value("source") === "pin") return;
    located = spot ? address : "";
    for (const name of ["lat", "lon", "datum", "source"]) set(name, spot ? spot[name] : name === "datum" ? "wgs84" : "");
  }
  function forgetPoint() {
    if (!located || value("address").startsWith(located)) return;
    located = "";
    for (const name of ["lat", "lon", "source"]) set(name, "");
    placeChanged(false);
  }
  function lookUp() {
    keep();
    placeChanged(true);
    lookForDuplicates();
  }

  // A later question breaks off an earlier one, whose wish to look at the place stays.
  let mustLook = false;

  /** @param {boolean} look */
  function placeChanged(look) {
    mustLook ||= look;
    const [lat, lon] = [value("lat"), value("lon")].map((text) => (text === "" ? NaN : Number(text)));
    if (!Number.isFinite(lat) || !Number.isFinite(lon)) {
      mustLook = false;
      desk.onPlace(null, false);
      return void render(null, part("grid"));
    }
    const where = { lat, lon, datum: value("datum") };
    return void ask("place", async (signal) => {
      const category = value("category");
      const [found, arrival] = await Promise.all([
        readPlace(where, signal),
        category ? readArrival({ ...where, category, level: value("level") }, signal) : {},
      ]);
      return { ...found, ...arrival };
    }, (found) => {
      desk.onPlace(found.place, mustLook);
      mustLook = false;
      showGrid(found);
    });
  }

  /** Say why a pair of coordinates is no place. @param {Refusal} refusal */
  function showNoPlace(refusal) {
    desk.onPlace(null, false);
    render(html`<p class="small toned" data-tone="warn">${icon("alert-triangle")} ${Object.values(refusal.fields)[0] ?? refusal.message}</p>`, part("grid"));
  }

  /** @param {any} found */
  function showGrid(found) {
    render(html`<div class="grid-found">${icon("hexagons")}<div><b>${localName(found.grid) || t("Outside every grid")}</b> <span class="muted">${localName(found.team)}</span>
      ${found.standing && found.standing !== "inside" && html`<div class="small toned" data-tone="warn">${found.standing === "border" ? t("on the border of two grids") : found.team ? t("outside every grid; the nearest team has it") : t("no team is near; the desk decides who goes")}</div>`}
      ${found.crew && html`<div class="small">${icon("truck")} ${desk.nameCrew?.(found.crew) ?? found.crew}</div>`}</div>
      ${found.storm && html`<span class="grid-eta"><small class="muted">${t("storm: number %(place)s in the queue", { place: found.storm.position })}</small><b class="number">${found.storm.from_at ? `${formatTime(found.storm.from_at)}–${formatTime(found.storm.to_at)}` : "–"}</b></span>`}
      ${!found.storm && found.arrives_at && html`<span class="grid-eta"><small class="muted">${t("expected there")}</small><b class="number">${formatTime(found.arrives_at)}</b></span>`}
      ${!found.storm && found.arrive_due_at && html`<span class="grid-eta"><small class="muted">${t("promised by")}</small><b class="number">${formatTime(found.arrive_due_at)}</b></span>`}</div>`, part("grid"));
  }

  const lookForLikely = calm(() => {
    const place = value("lat") && value("lon") ? { lat: value("lat"), lon: value("lon"), datum: value("datum") } : {};
    const phone = PHONE.test(value("phone")) ? value("phone") : "";
    const known = { ...place, phone, household: value("household"), address: value("address").length >= 4 ? value("address") : "" };
    if (!("lat" in place) && !known.phone && !known.household && !known.address) return showLikely([]);
    return ask("duplicates", (signal) => readDuplicates({ ...known, category: value("category"), q: value("description") }, signal), ({ duplicates, notices }) => { set("checked", "1"); showLikely([...(notices ?? []).map(asSuggestion), ...duplicates]); });
  }, 300);

  /** Until the answer is seen, the server asks about likely twins itself. */
  function lookForDuplicates() {
    asking.duplicates?.abort();
    set("checked", "");
    lookForLikely();
  }

  /** @param {any[]} found */
  function showLikely(found) {
    likely = found.slice(0, 5);
    render(html`<${Likely} likely=${likely} attach=${attach} />`, part("duplicates"));
    render(html`<${Likeliest} likely=${likely} attach=${attach} show=${() => part("duplicates").scrollIntoView({ block: "start" })} />`, part("likeliest"));
  }

  /** Put the caller on a ticket; where nobody chose a kind of fault it is that of the ticket. @param {any} ticket */
  function attach(ticket) {
    if (!value("category")) set("category", ticket.category);
    set(ticket.notice ? "notice" : "attach_to", ticket.notice ?? ticket.number);
    save();
  }

  /** Take coordinates that were put where an address goes, or both into one field. @param {string} name */
  function takePair(name) {
    const pair = readPair(value(name), desk.facts.map.center);
    if (!pair) return;
    if (name === "address") set("address", "");
    located = "";
    for (const [part, to] of Object.entries({ ...pair, source: "pin" })) set(part, to);
    /** @type {HTMLDetailsElement | null} */ (form.querySelector("details.call-coordinates"))?.setAttribute("open", "");
    part("places").textContent = t("Taken as coordinates; choose their datum.");
    lookUp();
  }

  const unset = () => { for (const name of ["attach_to", "notice"]) set(name, ""); };

  async function save() {
    if (isSaving) return;
    for (const name of PLACED) takePair(name);
    if (!form.reportValidity()) return void unset();
    isSaving = true;
    form.dataset.saving = "true";
    for (const each of form.querySelectorAll("[aria-invalid]")) each.removeAttribute("aria-invalid");
    try {
      const sent = new URLSearchParams(/** @type {any} */ (new FormData(form)));
      const response = await fetch(form.action, { method: "POST", body: sent, headers: { Accept: "application/json" } });
      const body = await response.json().catch(() => null);
      if (!response.ok) throw new Refusal({ status: response.status, code: "", message: t("The ticket was not saved. Try again."), ...body?.error });
      clear();
      // What is undone is the joining of this ticket, whichever way it came about.
      sent.set("attach_to", body.number);
      desk.onSaved(body, body.joined || body.answered ? sent.toString() : "");
    } catch (fault) {
      unset();
      const refusal = fault instanceof Refusal ? fault : null;
      if (refusal?.facts.likely) { set("checked", "1"); showLikely(/** @type {any[]} */ (refusal.facts.likely)); }
      tell(refusal ?? t("The server cannot be reached. What you typed is kept; save again in a moment."));
      for (const name of Object.keys(refusal?.fields ?? {})) field(name === "place" ? "address" : name)?.setAttribute?.("aria-invalid", "true");
    } finally {
      isSaving = false;
      delete form.dataset.saving;
    }
  }

  /** Say what went wrong; after an ended session the way back leads to this call as it stands. @param {unknown} problem */
  function tell(problem) {
    const refusal = problem instanceof Refusal ? problem : null;
    const hasEnded = refusal && [BAD_TOKEN, 401].includes(refusal.status);
    const back = desk.onClose ? "/desk?call" : "/desk/call";
    // Without a session the form's token is refused first, in words that are for programs.
    const words = refusal?.status === BAD_TOKEN ? t("You are signed out, or this page is too old.") : refusal?.message;
    part("problem").replaceChildren(words ?? String(problem));
    if (!hasEnded) return;
    const way = document.createElement("a");
    way.href = `/sign-in?next=${encodeURIComponent(back)}`;
    way.textContent = t("Sign in again");
    part("problem").append(" ", t("What you typed is kept."), " ", way);
  }

  form.addEventListener("submit", (event) => { event.preventDefault(); save(); });
  // A pair is taken whole: pasted, or when the field is left.
  form.addEventListener("change", (event) => {
    const { name } = /** @type {HTMLInputElement} */ (event.target);
    if (PLACED.includes(name)) takePair(name);
  });
  form.addEventListener("input", (event) => {
    const name = /** @type {HTMLInputElement} */ (event.target).name;
    if (/** @type {InputEvent} */ (event).inputType === "insertFromPaste" && PLACED.includes(name)) takePair(name);
    if (name === "phone") { household = null; set("household", ""); lookForCaller(); }
    if (name === "address") { household = null; set("household", ""); forgetPoint(); }
    if (["lat", "lon", "datum"].includes(name)) { located = ""; set("source", "pin"); placeChanged(true); lookForDuplicates(); }
    if (name === "level") { levelIsOwn = true; placeChanged(false); }
    const own = desk.facts.categoryOfKind?.[value("kind")];
    if (name === "kind" && own) set("category", own);
    if (name === "category" || (name === "kind" && own)) {
      if (!levelIsOwn) set("level", categories.get(value("category"))?.level);
      placeChanged(false);
    }
    if (["category", "kind", "description", "phone", "address"].includes(name)) lookForDuplicates();
    part("problem").textContent = "";
    keep();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); save(); }
    else if (event.altKey && likely[Number(event.code.slice(-1)) - 1] && event.code.startsWith("Digit")) { event.preventDefault(); attach(likely[Number(event.code.slice(-1)) - 1]); }
    else if (event.key === "Enter" && /** @type {HTMLElement} */ (event.target).matches("input:not([type=radio])")) event.preventDefault();
    else if (event.key === "Escape") { event.stopPropagation(); desk.onClose?.(); }
  });
  part("clear").hidden = false;
  part("clear").addEventListener("click", () => { clear(); field("phone").focus(); });
  part("close").hidden = !desk.onClose;
  part("close").addEventListener("click", () => desk.onClose?.());
  part("save-key").hidden = false;
  setInterval(() => {
    part("clock").hidden = !begun;
    if (begun) part("clock").textContent = formatStopwatch((Date.now() - begun) / 1000);
  }, 1000);
  const asked = askQuestions(form, {
    facts: desk.facts,
    onChange: keep,
    onLevel: (level, isForced) => {
      if (value("level") === String(level) || (levelIsOwn && !isForced)) return;
      set("level", level);
      placeChanged(false);
    },
  });
  suggestPlaces(form, { useHousehold, usePlace });
  restore();
  asked.show();
  knowCaller(form, { attach });
  const unfinished = keepUnfinished(form, {
    words: () => { const { request_key, unfinished: _, send_card, ...said } = words(); return said; },
    isBegun, clear, tell,
    use: (id, said) => {
      fill(said);
      set("unfinished", id);
      begun = Date.now();
      asked.show();
      lookForCaller();
      keep();
      field("phone").focus();
    },
  });
  // What was typed before this script was there is looked up too.
  if (!household) lookForCaller();
  lookForDuplicates();

  return {
    clear,
    /** Put the pin where the map was clicked. @param {number} lat @param {number} lon */
    pin(lat, lon) {
      located = "";
      set("lat", lat.toFixed(6));
      set("lon", lon.toFixed(6));
      set("datum", "wgs84");
      set("source", "pin");
      /** @type {HTMLDetailsElement | null} */ (form.querySelector("details"))?.setAttribute("open", "");
      keep();
      placeChanged(false);
      lookForDuplicates();
    },
    focus: () => { unfinished.read(); if (!form.contains(document.activeElement)) field("phone").focus(); },
  };
}
