/* Which views are kept, how many tickets does each hold, and how are they saved and taken away? */
import { batch, computed, html, signal, useEffect, useSignal } from "/static/vendor/preact.js";
import { t } from "/static/shared/i18n.js";
import { icon } from "/static/shared/icon.js";
import { changeView, readViews, saveView } from "./api.js";
import { Drop } from "./drop.js";
import { chipOf, filled, isDue, isSame, narrowing } from "./filters.js";
import { can, filter, filters, fits, now, query, say, seen, tickets } from "./store.js";

/** @typedef {{id: number, version: number, name: string, shared: boolean, mine: boolean, owner: string | null, filters: Record<string, string>}} View */

const views = signal(/** @type {View[]} */ ([]));
/** The view that was used last: it may be changed by what is set now. */
const used = signal(/** @type {number | null} */ (null));

/** What is set now, as a view would keep it. */
export const current = computed(() => filled({ show: filter.value, q: query.value.trim(), ...filters.value }));
const active = computed(() => views.value.find((view) => isSame(view.filters, current.value)));

/** Set what a view holds. @param {Record<string, string>} wanted */
export function applyFilters(wanted) {
  const { show = "all", q = "", ...others } = wanted;
  batch(() => {
    filter.value = chipOf(show).key;
    query.value = q;
    filters.value = filled(others);
  });
}

/** @param {View} view */
function use(view) {
  used.value = view.id;
  applyFilters(view.filters);
}

/** How many open tickets a view holds. @param {Record<string, string>} wanted */
function countOf(wanted) {
  const [test, words, holds, at] = [narrowing(wanted, seen.isUnread), (wanted.q ?? "").toLowerCase().split(/\s+/).filter(Boolean), chipOf(wanted.show).holds, now.peek()];
  let count = 0;
  for (const ticket of tickets.value.values()) if (holds(ticket, at) && test(ticket) && isDue(wanted, ticket, at) && fits(ticket, words)) count += 1;
  return count;
}

/** Read them again; without an answer the list stays as it is. */
export const loadViews = () => readViews().then((found) => (views.value = found), () => undefined);

/** @param {View} view */
async function remove(view) {
  try {
    const gone = await changeView(view, "delete");
    views.value = views.value.filter((each) => each.id !== view.id);
    const undo = () => changeView(gone, "restore").then(loadViews, (refusal) => say(refusal.message, { tone: "danger" }));
    say(t("The view “%(name)s” is deleted.", { name: view.name }), { undo });
  } catch (refusal) {
    say(/** @type {Error} */ (refusal).message, { tone: "danger" });
    loadViews();
  }
}

/** @param {View} view */
async function update(view) {
  try {
    await changeView(view, "", { name: view.name, shared: view.shared, filters: current.value });
    say(t("The view “%(name)s” is changed.", { name: view.name }));
  } catch (refusal) {
    say(/** @type {Error} */ (refusal).message, { tone: "danger" });
  }
  loadViews();
}

/** @param {{view: View}} props */
function Entry({ view }) {
  const isActive = active.value?.id === view.id;
  const mayChange = view.mine || can("administer");
  const isChanged = !isActive && used.value === view.id && mayChange;
  return html`<li><button type="button" class="view quiet" aria-current=${isActive ? "true" : undefined} onClick=${() => use(view)}>
      <span class="truncate">${view.name}</span>${view.shared && icon("users", t("shared"))}${view.owner && html`<span class="muted truncate">${view.owner}</span>`}
      <span class="number push" title=${t("open tickets")}>${countOf(view.filters)}</span></button>
    ${isChanged && html`<button type="button" class="quiet icon-only" title=${t("Keep what is set now in this view")} onClick=${() => update(view)}>${icon("refresh", t("Keep what is set now in the view “%(name)s”", { name: view.name }))}</button>`}
    ${mayChange && html`<button type="button" class="quiet icon-only" onClick=${() => remove(view)}>${icon("x", t("Delete the view “%(name)s”", { name: view.name }))}</button>`}</li>`;
}

/** Keep what is set now under a name. */
function SaveForm() {
  const [fault, busy] = [useSignal(""), useSignal(false)];
  const save = async (/** @type {any} */ event) => {
    event.preventDefault();
    const form = event.target;
    if (busy.value) return;
    busy.value = true;
    try {
      const view = await saveView({ name: form.elements.name.value.trim(), shared: Boolean(form.elements.shared?.checked), filters: current.value });
      form.reset();
      fault.value = "";
      used.value = view.id;
      say(t("The view “%(name)s” is kept.", { name: view.name }));
      loadViews();
    } catch (refusal) {
      fault.value = /** @type {any} */ (refusal).fields?.name ?? /** @type {Error} */ (refusal).message;
    } finally {
      busy.value = false;
    }
  };
  return html`<form class="view-save" onSubmit=${save}>
    <label for="view-name">${t("Keep what is set now as a view")}</label>
    <div class="row"><input id="view-name" name="name" required maxlength="60" autocomplete="off" placeholder=${t("Name")} aria-invalid=${fault.value ? "true" : undefined} /><button disabled=${busy.value}>${t("Save")}</button></div>
    ${can("share_view") && html`<label class="choice"><input type="checkbox" name="shared" />${t("Share it")}</label>`}
    ${fault.value && html`<p class="error" role="alert">${fault.value}</p>`}</form>`;
}

/** @param {{title: string, of: View[]}} props */
const Section = ({ title, of }) => of.length > 0 && html`<h3>${title}</h3><ul>${of.map((view) => html`<${Entry} key=${view.id} view=${view} />`)}</ul>`;

export function Views() {
  useEffect(() => void loadViews(), []);
  const isAll = Object.keys(current.value).length === 0;
  const name = active.value?.name ?? (isAll ? t("All tickets") : t("Views"));
  return html`<${Drop} name="views" label=${html`${icon("list")}<span class="truncate">${name}</span> <kbd aria-hidden="true">v</kbd>`}>
    <ul><li><button type="button" class="view quiet" aria-current=${isAll ? "true" : undefined} onClick=${() => applyFilters({})}><span>${t("All tickets")}</span><span class="number push">${tickets.value.size}</span></button></li></ul>
    <${Section} title=${t("My views")} of=${views.value.filter((view) => view.mine)} />
    <${Section} title=${t("Shared with me")} of=${views.value.filter((view) => !view.mine)} />
    ${!isAll && !active.value && html`<${SaveForm} />`}
    ${isAll && views.value.length === 0 && html`<p class="muted small">${t("Set filters, then keep them here under a name.")}</p>`}
  <//>`;
}
