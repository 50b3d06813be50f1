/* Did a script of this page get lost on the way? A page cannot ask for it twice, so the page is loaded anew. */
(() => {
  const TRIES = 5;
  const WAIT_MS = 1_000;
  const KEPT = "page-not-whole";
  let isLost = false;

  const storage = (() => {
    try {
      return window.sessionStorage;
    } catch {
      return null;
    }
  })();

  const isTyped = () => [...document.querySelectorAll("textarea, input:not([type=hidden])")].some((each) => each.value !== each.defaultValue || each.checked !== each.defaultChecked);

  /** Load the page anew once its server answers, unless somebody types on it. @param {string} script @param {Storage} counted */
  async function loadAnew(script, counted) {
    for (let count = Number(counted.getItem(KEPT)) + 1; count <= TRIES; count += 1) {
      await new Promise((done) => setTimeout(done, WAIT_MS * 2 ** (count - 1)));
      const answer = await fetch(script, { cache: "no-store" }).catch(() => null);
      if (isTyped()) return;
      counted.setItem(KEPT, String(count));
      if (answer?.ok) return window.location.reload();
    }
  }

  function tell() {
    const banner = document.getElementById("not-whole");
    if (banner) banner.hidden = false;
  }

  window.addEventListener("error", (event) => {
    const script = event.target;
    if (isLost || !(script instanceof HTMLScriptElement) || !script.src) return;
    isLost = true;
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", tell);
    else tell();
    if (storage) loadAnew(script.src, storage);
  }, true);

  window.addEventListener("load", () => {
    if (!isLost) storage?.removeItem(KEPT);
  });
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-load-again]")) window.location.reload();
  });
})();
