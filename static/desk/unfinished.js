/* Which calls broke off, how is one kept for a call back, and how is it gone on with? */
import { html, render } from "/static/vendor/preact.js";
import { formatAgo, n, t } from "/static/shared/i18n.js";
import { getJson, postJson, Refusal } from "/static/shared/http.js";
import { icon } from "/static/shared/icon.js";

const CALLS = "/api/v1/unfinished-calls";
const UNREACHABLE = () => t("The server cannot be reached. What you typed is kept; try again in a moment.");

/**
 * List the calls that wait above the form. Alt U keeps the one that is typed, Alt R goes on with the newest.
 * @param {HTMLFormElement} form
 * @param {{words: () => Record<string, string>, isBegun: () => boolean, clear: () => void, use: (id: number, words: Record<string, string>) => void,
 *   tell: (problem: unknown) => void}} call
 */
export function keepUnfinished(form, call) {
  const place = /** @type {HTMLElement} */ (form.querySelector("[data-unfinished]"));
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("[data-break-off]"));
  /** @type {any[]} */ let waiting = [];
  let total = 0;
  let isOpen = false;
  let isBusy = false;
  let said = "";
  /** @type {number | null} */ let discarded = null;

  function show() {
    const mine = Number(/** @type {any} */ (form.elements.namedItem("unfinished")).value);
    const rows = waiting.filter((each) => each.id !== mine);
    const count = total - (waiting.length - rows.length);
    render(html`<p role="status" class="small">${said}${discarded !== null && html` <button type="button" onClick=${restore}>${t("Undo")}</button>`}</p>
      ${rows.length > 0 && html`<details class="unfinished" open=${isOpen} onToggle=${(/** @type {any} */ event) => { isOpen = event.target.open; }}>
      <summary>${icon("phone")} ${n("%(count)s unfinished call", "%(count)s unfinished calls", count)} <kbd aria-hidden="true">Alt R</kbd></summary>
      <ul>${rows.map((each) => html`<li key=${each.id}><span><b>${each.name || each.phone || t("no number")}</b> <span class="mono muted small">${each.name ? each.phone : ""}</span>
        <span class="small">${each.address}</span><span class="small muted">${each.author} · ${formatAgo(each.kept_at)}${each.taken_by && html` · <span class="toned" data-tone="warn">${t("%(name)s goes on with it", { name: each.taken_by })}</span>`}</span></span>
        <span class="row"><button type="button" onClick=${() => takeUp(each)}>${t("Go on")}</button><button type="button" class="quiet icon-only" onClick=${() => discard(each)}>${icon("x", t("Discard"))}</button></span></li>`)}</ul></details>`}`, place);
  }

  async function read() {
    try {
      ({ calls: waiting, total } = (await getJson(CALLS)).body);
      show();
    } catch {
      // The list is a help beside the call, which goes on without it.
    }
  }

  /** Do one thing at a time; what goes wrong is told where the form tells it. @param {() => Promise<void>} act */
  async function once(act) {
    if (isBusy) return;
    isBusy = true;
    try {
      await act();
      call.tell("");
    } catch (fault) {
      call.tell(fault instanceof Refusal && fault.status ? fault : UNREACHABLE());
    } finally {
      isBusy = false;
      await read();
    }
  }

  const keep = () => once(async () => {
    const own = Number(/** @type {any} */ (form.elements.namedItem("unfinished")).value) || null;
    await postJson(CALLS, { words: call.words(), id: own });
    call.clear();
    [said, discarded] = [t("The call is kept."), null];
  });

  const takeUp = (/** @type {any} */ each) => once(async () => {
    if (call.isBegun()) throw new Refusal({ status: 409, code: "", message: t("Another call is being typed. Save it or keep it as unfinished first.") });
    const { words } = await postJson(`${CALLS}/${each.id}/take-up`, {});
    call.use(each.id, words);
    [said, discarded, isOpen] = ["", null, false];
  });

  const discard = (/** @type {any} */ each) => once(async () => {
    await postJson(`${CALLS}/${each.id}/discard`, {});
    [said, discarded] = [t("The unfinished call was discarded."), each.id];
  });

  const restore = () => once(async () => {
    await postJson(`${CALLS}/${discarded}/restore`, {});
    [said, discarded] = ["", null];
  });

  form.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const mine = Number(/** @type {any} */ (form.elements.namedItem("unfinished")).value);
    const newest = waiting.find((each) => each.id !== mine);
    if (event.code === "KeyU") keep();
    else if (event.code === "KeyR" && newest) takeUp(newest);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, { capture: true });
  button.hidden = false;
  button.addEventListener("click", keep);
  read();
  return { read };
}
