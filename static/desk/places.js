/* Which place does a call-taker mean: one of the address book, or one that is known online? */
import { html, render } from "/static/vendor/preact.js";
import { localName, n, t } from "/static/shared/i18n.js";
import { postJson, Refusal } from "/static/shared/http.js";
import { icon } from "/static/shared/icon.js";

const PAUSE_MS = 160;
const ONLINE_PAUSE_MS = 900;
const FEWEST_ONLINE = 4;
const DATUMS = { wgs84: "WGS-84", gcj02: "GCJ-02", bd09: "BD-09" };
const FURTHER = { further: true };

/**
 * Suggest places under the address; Enter takes the one that is meant beyond doubt, else asks to choose.
 * @param {HTMLFormElement} form
 * @param {{useHousehold: (found: any) => void, usePlace: (found: any) => void}} call
 */
export function suggestPlaces(form, call) {
  const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("address"));
  const box = /** @type {HTMLElement} */ (form.querySelector("#call-places"));
  const note = /** @type {HTMLElement} */ (form.querySelector("[data-places]"));
  /** @type {any[]} */ let options = [];
  /** @type {AbortController | undefined} */ let asking;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
  let at = -1;
  let isWaiting = false;
  let wantsFirst = false;
  const typed = () => field.value.trim();
  const tell = (/** @type {string} */ words) => { note.textContent = words; };

  function show() {
    box.hidden = options.length === 0;
    field.setAttribute("aria-expanded", String(options.length > 0));
    if (at >= 0) field.setAttribute("aria-activedescendant", `call-place-${at}`);
    else field.removeAttribute("aria-activedescendant");
    render(html`${options.map((each, index) => html`<${Option} key=${index} each=${each} index=${index} isAt=${index === at} choose=${() => choose(each)} typed=${typed()} />`)}`, box);
    document.getElementById(`call-place-${at}`)?.scrollIntoView({ block: "nearest" });
  }

  function hide() {
    options = [];
    at = -1;
    show();
  }

  /** Put off or break off every question that is under way. */
  function stop() {
    clearTimeout(timer);
    asking?.abort();
    isWaiting = wantsFirst = false;
  }

  /** @param {any} each */
  function choose(each) {
    stop();
    hide();
    if (each.further) return void searchOnline();
    tell(each.near ? t("%(address)s is not in the address book; the pin is at %(near)s.", { address: each.address, near: each.near })
      : each.datum ? t("Found online; coordinates in %(datum)s.", { datum: /** @type {Record<string, string>} */ (DATUMS)[each.datum] }) : "");
    if (each.account) call.useHousehold(each);
    else call.usePlace(each);
  }

  /** Ask, while nothing newer is typed. @param {string} path @param {(answer: any) => void} use */
  async function ask(path, use) {
    // What was typed may have been taken as coordinates meanwhile.
    if (!typed()) { isWaiting = false; return; }
    asking?.abort();
    const mine = (asking = new AbortController());
    try {
      const answer = await postJson(path, { q: typed() }, { signal: mine.signal });
      if (document.activeElement === field) use(answer);
    } catch (fault) {
      if (!(fault instanceof Refusal)) return;
      isWaiting = false;
      tell(t("The search does not answer: set the pin, or save the address as it is."));
    }
  }

  const searchBook = () => ask("/api/v1/places/search", ({ places, online }) => {
    isWaiting = false;
    options = online && typed().length >= FEWEST_ONLINE ? [...places, FURTHER] : places;
    at = -1;
    show();
    const alike = places.filter((/** @type {any} */ each) => each.as_good).length;
    if (alike > 1) tell(n("%(count)s place fits: choose one with ↓ and Enter.", "%(count)s places fit: choose one with ↓ and Enter.", alike));
    else if (places.length || typed().length < FEWEST_ONLINE) tell("");
    else if (online) {
      tell(t("The address book knows no such place; the online search is asked."));
      timer = setTimeout(searchOnline, ONLINE_PAUSE_MS);
    } else tell(t("The address book knows no such place: set the pin, or save the address as it is."));
    if (wantsFirst) enter();
  });

  /** Take the place that is meant beyond doubt, else lead to the first to choose from. */
  function enter() {
    wantsFirst = false;
    if (!options.length) return;
    const isSure = options[0].as_good && options.filter((each) => each.as_good).length === 1;
    if (at >= 0) choose(options[at]);
    else if (isSure || options[0].further) choose(options[0]);
    else { at = 0; show(); }
  }

  function searchOnline() {
    tell(t("Searching online…"));
    return ask("/api/v1/places/search-online", ({ places, fault }) => {
      options = places;
      at = -1;
      show();
      tell(fault ? t("The online search gives no answer. %(reason)s The call goes on: set the pin, or save the address as it is.", { reason: fault })
        : places.length ? n("%(count)s place is known online: choose it with ↓ and Enter.", "%(count)s places are known online: choose one with ↓ and Enter.", places.length)
          : t("Online no such place is known either: set the pin, or save the address as it is."));
    });
  }

  /** Whether a key belongs to the list. @param {KeyboardEvent} event */
  function pressed(event) {
    if (event.target !== field || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey && isWaiting) wantsFirst = true;
    else if (event.key === "Enter" && !event.shiftKey && options.length) enter();
    else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && options.length) {
      at = event.key === "ArrowDown" ? (at + 1) % options.length : (Math.max(at, 0) - 1 + options.length) % options.length;
      show();
    } else if (event.key === "Escape" && options.length) hide();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  form.addEventListener("keydown", pressed, { capture: true });
  field.addEventListener("input", () => {
    stop();
    tell("");
    if (typed().length < 2) return hide();
    isWaiting = true;
    timer = setTimeout(searchBook, PAUSE_MS);
  });
  field.addEventListener("blur", () => setTimeout(hide, 120));
  form.addEventListener("reset", () => { stop(); hide(); tell(""); });
  return { hide };
}

/** One place: where, whose, and what stands against taking it unseen. @param {{each: any, index: number, isAt: boolean, choose: () => void, typed: string}} props */
function Option({ each, index, isAt, choose, typed }) {
  const press = (/** @type {Event} */ event) => { event.preventDefault(); choose(); };
  if (each.further) return html`<li id=${`call-place-${index}`} role="option" aria-selected=${isAt} onPointerDown=${press}>${icon("search")}<span class="truncate">${t("Search further online for “%(typed)s”", { typed })}</span><span></span></li>`;
  const owner = [localName(each.grid), localName(each.team)].filter(Boolean).join(" · ");
  const standing = each.standing === "outside" ? t("outside every grid") : each.standing === null ? t("no point known") : "";
  return html`<li id=${`call-place-${index}`} role="option" aria-selected=${isAt} onPointerDown=${press}>${icon(each.account ? "home" : "map-pin")}
    <span class="place-words"><span>${each.address}</span>${each.near && html`<span class="small toned" data-tone="warn">${t("not in the book; near %(address)s", { address: each.near })}</span>`}
      <span class="small muted">${[owner, standing].filter(Boolean).join(" · ")}</span></span>
    <span class="muted small">${each.account ? [each.name, each.account].filter(Boolean).join(" · ") : each.datum ? /** @type {Record<string, string>} */ (DATUMS)[each.datum] : ""}</span></li>`;
}
