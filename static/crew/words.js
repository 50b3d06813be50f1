/* How does nothing that was typed or chosen get lost when the phone dies? */
import { sendOnce } from "./once.js";

/** @param {(store: Storage) => string | null | void} use */
function stored(use) {
  try {
    return use(localStorage);
  } catch {
    return null;
  }
}

/** What a field holds, null where nothing was chosen. @param {any} field */
const valueOf = (field) => (["radio", "checkbox"].includes(field.type) && !field.checked ? null : field.value);

/** What was kept, by name. @param {string} place @returns {Record<string, string>} */
function kept(place) {
  try {
    return JSON.parse(stored((store) => store.getItem(place)) ?? "{}");
  } catch {
    return {};
  }
}

/** @param {any} field @param {string} value */
function fill(field, value) {
  if (["radio", "checkbox"].includes(field.type)) field.checked = field.value === value;
  else if (!field.value) field.value = value;
  if (value) field.closest("details")?.setAttribute("open", "");
}

/** Bring back what was typed in a form, and keep what will be. @param {HTMLFormElement} form */
function keepWords(form) {
  const place = `words/${form.dataset.words}`;
  const fields = [...form.querySelectorAll("textarea, select, input:not([type=hidden])")];
  const isAnswered = Boolean(document.getElementById("fault"));
  const before = isAnswered ? {} : kept(place);
  for (const field of fields) if (field.name in before) fill(field, before[field.name]);
  form.addEventListener("input", () => {
    const typed = fields.filter((field) => field.name && valueOf(field)).map((field) => [field.name, valueOf(field)]);
    stored((store) => store.setItem(place, JSON.stringify(Object.fromEntries(typed))));
  });
}

/** Forms known already; a round draws the next stop's by itself. @type {WeakSet<HTMLFormElement>} */
const known = new WeakSet();

function keepAll() {
  for (const form of document.querySelectorAll("form[data-words]")) {
    if (!known.has(form)) keepWords(form);
    known.add(form);
  }
}

keepAll();
for (const drawn of ["crew-drawn", "crew-next"]) document.addEventListener(drawn, keepAll);
// What was typed is forgotten only by the page that says it was saved.
sendOnce();
