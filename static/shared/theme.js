/* Is the page light or dark? A plain script in the head, so that the first paint is right already. */
(() => {
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  function stored() {
    try {
      return window.localStorage.getItem("theme");
    } catch {
      return null;
    }
  }

  /** @param {string | null} theme */
  function store(theme) {
    try {
      if (theme) window.localStorage.setItem("theme", theme);
      else window.localStorage.removeItem("theme");
    } catch {
      return;
    }
  }

  const systemTheme = () => (system.matches ? "dark" : "light");

  /** @param {string | null} theme */
  function show(theme) {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
    document.dispatchEvent(
      new CustomEvent("themechange", { detail: root.dataset.theme ?? systemTheme() }),
    );
  }

  show(stored());
  system.addEventListener("change", () => show(stored()));
  window.addEventListener("storage", (event) => {
    if (event.key === "theme") show(event.newValue);
  });
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (!target?.closest("[data-theme-toggle]")) return;
    const next = (root.dataset.theme ?? systemTheme()) === "dark" ? "light" : "dark";
    const choice = next === systemTheme() ? null : next;
    store(choice);
    show(choice);
  });
})();
