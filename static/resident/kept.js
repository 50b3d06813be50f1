/* What was typed so far, should the page be loaded again before it is sent? */

const PLACE = "report";
const OURS = new Set(["csrf_token", "key", "photos"]);

/** Keep what a form holds for as long as this tab lives. @param {HTMLFormElement} form */
export function keep(form) {
  const typed = [...new FormData(form)].filter(([name]) => !OURS.has(name));
  try {
    sessionStorage.setItem(PLACE, JSON.stringify(Object.fromEntries(typed)));
  } catch {
    return;
  }
}

/** Put back what was kept. @param {HTMLFormElement} form */
export function recall(form) {
  try {
    const typed = JSON.parse(sessionStorage.getItem(PLACE) ?? "{}");
    for (const [name, value] of Object.entries(typed)) {
      const field = form.elements.namedItem(name);
      if (field && !field.value) field.value = value;
    }
  } catch {
    return;
  }
}

/** Forget it once the report has arrived. */
export function forget() {
  try {
    sessionStorage.removeItem(PLACE);
  } catch {
    return;
  }
}
