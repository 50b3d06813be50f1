/* What does a call-taker see of the caller as soon as the number is known? */
import { html, render } from "/static/vendor/preact.js";
import { formatAgo, formatDay, n, t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";

const PAUSE_MS = 250;
const FEWEST_DIGITS = 5;

/**
 * Show the caller's tickets and complaints; Alt O opens the first, Alt A joins the first open one.
 * @param {HTMLFormElement} form
 * @param {{attach: (ticket: any) => void}} call
 */
export function knowCaller(form, call) {
  const place = /** @type {HTMLElement} */ (form.querySelector("[data-caller]"));
  const value = (/** @type {string} */ name) => String(/** @type {any} */ (form.elements.namedItem(name))?.value ?? "").trim();
  /** @type {any[]} */ let tickets = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
  /** @type {AbortController | undefined} */ let asking;
  let known = "";

  /** @param {{tickets: any[], complaints: any[]}} found */
  function show(found) {
    ({ tickets } = found);
    render(found.tickets.length || found.complaints.length ? html`<${Known} found=${found} attach=${call.attach} />` : null, place);
  }

  async function look() {
    const [phone, household] = [value("phone"), value("household")];
    const who = `${phone}|${household}`;
    if (who === known) return;
    known = who;
    asking?.abort();
    if (phone.replace(/\D/g, "").length < FEWEST_DIGITS && !household) return show({ tickets: [], complaints: [] });
    asking = new AbortController();
    const body = new URLSearchParams({ phone, household, csrf_token: value("csrf_token") });
    try {
      const response = await fetch("/desk/caller", { method: "POST", body, signal: asking.signal, headers: { Accept: "application/json" } });
      if (response.ok) show(await response.json());
    } catch {
      // A newer question, or no network: the call goes on without it.
    }
  }

  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE_MS);
  };
  form.addEventListener("input", later);
  form.addEventListener("click", later);
  form.addEventListener("reset", later);
  form.addEventListener("keydown", (event) => {
    later();
    if (!event.altKey || event.ctrlKey || event.metaKey) return;
    const open = tickets.find((each) => each.open);
    if (event.code === "KeyO" && tickets.length) /** @type {HTMLElement} */ (place.querySelector("a")).click();
    else if (event.code === "KeyA" && open) call.attach(open);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, { capture: true });
  later();
}

/** @param {{found: {tickets: any[], complaints: any[]}, attach: (ticket: any) => void}} props */
function Known({ found, attach }) {
  const first = found.tickets.find((each) => each.open);
  return html`<section class="caller-known" aria-label=${t("This caller before")}>
    ${found.complaints.length > 0 && html`<p class="small toned" data-tone="warn">${icon("alert-triangle")} ${n("%(count)s complaint", "%(count)s complaints", found.complaints.length)} · ${formatDay(found.complaints[0].answered_at)} ${found.complaints[0].not_fixed ? t("not fixed") : t("not content")}</p>`}
    <ul>${found.tickets.map((each, at) => html`<li key=${each.number} data-open=${each.open}>
      <span>${icon(each.open ? "alert-triangle" : "check", each.open ? t("open") : t("over"))} <b>${each.category_name}</b> <span class="small muted">${each.state_name} · ${formatAgo(each.received_at)}</span></span>
      <span class="row"><a class="button" href=${`/desk?ticket=${each.number}`} target="_blank" rel="noopener">${each.number}${at === 0 && html` <kbd aria-hidden="true">Alt O</kbd>`}</a>
      ${each.open && html`<button type="button" onClick=${() => attach(each)}>${t("Attach")}${each === first && html` <kbd aria-hidden="true">Alt A</kbd>`}</button>`}</span></li>`)}</ul></section>`;
}
