/* How does nothing that was typed or chosen get lost when the phone dies? */
import { sendOnce } from "./once.js";

const form = document.querySelector("form[data-words]");
const place = `words/${form.dataset.words}`;
const fields = [...form.querySelectorAll("textarea, select, input:not([type=hidden])")];

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

/** What was kept, by name. @returns {Record<string, string>} */
function kept() {
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

const isAnswered = Boolean(document.getElementById("fault"));
const before = isAnswered ? {} : kept();
for (const field of fields) if (field.name in before) fill(field, before[field.name]);
form.addEventListener("input", () => {
  const typed = fields.filter((field) => field.name && valueOf(field)).map((field) => [field.name, valueOf(field)]);
  stored((store) => store.setItem(place, JSON.stringify(Object.fromEntries(typed))));
});
// What was typed is forgotten only by the page that says it was saved.
sendOnce();
