/* How does a second tap on the same button do nothing? */

/**
 * Send each form marked `data-step` once; `before` may fill in fields first.
 * @param {(form: HTMLFormElement) => Promise<void> | void} [before]
 */
export function sendOnce(before = () => undefined) {
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.hasAttribute("data-step")) return;
    event.preventDefault();
    if (form.dataset.sent) return;
    form.dataset.sent = "yes";
    form.querySelector("button")?.setAttribute("aria-busy", "true");
    await before(form);
    form.submit();
  });
  // A page taken back out of the browser's cache may be sent again.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      form.querySelector("button")?.removeAttribute("aria-busy");
    }
  });
}

/** Forget what was typed for one step. @param {string} name */
export function forgetWordsOf(name) {
  try {
    localStorage.removeItem(`words/${name}`);
  } catch {
    return;
  }
}

/** Forget what was typed for a step that the server has answered as done. */
export function forgetWords() {
  // A page from this phone repeats an old answer.
  if ("kept" in document.documentElement.dataset) return;
  if (!document.querySelector('.flashes [data-tone="good"]')) return;
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith("words/")) localStorage.removeItem(key);
    }
  } catch {
    return;
  }
}
