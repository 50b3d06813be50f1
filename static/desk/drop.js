/* How does a menu of controls open, close and take the focus? */
import { html, useEffect, useRef } from "/static/vendor/preact.js";

/** A menu that Esc and a click elsewhere close. @param {{name: string, className?: string, label: any, children: any}} props */
export function Drop({ name, className, label, children }) {
  const place = useRef(/** @type {HTMLDetailsElement | null} */ (null));
  useEffect(() => {
    const menu = place.current;
    const away = (/** @type {Event} */ event) => { if (menu?.open && !menu.contains(/** @type {Node} */ (event.target))) menu.open = false; };
    document.addEventListener("pointerdown", away);
    return () => document.removeEventListener("pointerdown", away);
  }, []);
  const key = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape" || !place.current?.open) return;
    event.preventDefault();
    event.stopPropagation();
    place.current.open = false;
    place.current.querySelector("summary")?.focus();
  };
  return html`<details ref=${place} id=${`${name}-menu`} class=${`drop ${className ?? ""}`} onKeyDown=${key}>
    <summary class="button">${label}</summary><div class="drop-panel">${children}</div></details>`;
}

/** Open one of the two menus and go to its first control. @param {"filter" | "views"} name */
export function openMenu(name) {
  const menu = /** @type {HTMLDetailsElement | null} */ (document.getElementById(`${name}-menu`));
  if (!menu) return;
  menu.open = true;
  /** @type {HTMLElement | null} */ (menu.querySelector(".drop-panel :is(button, select, input)"))?.focus();
}
