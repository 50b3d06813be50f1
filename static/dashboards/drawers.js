/* How are the definitions of figures closed again, and what opens for the printer? */
document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  for (const drawer of document.querySelectorAll("details:is(.definition, .menu)[open]")) {
    if (!drawer.contains(target)) drawer.removeAttribute("open");
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const drawer = document.querySelector("details.definition[open]");
  drawer?.removeAttribute("open");
  drawer?.querySelector("summary")?.focus();
});
for (const button of document.querySelectorAll("[data-print]")) {
  if (button instanceof HTMLElement) button.hidden = false;
  button.addEventListener("click", () => window.print());
}
window.addEventListener("beforeprint", () => {
  for (const table of document.querySelectorAll("details.as-table")) table.setAttribute("open", "");
});
