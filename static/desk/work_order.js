/* How does the work order get onto paper? */
document.getElementById("print")?.addEventListener("click", () => print());
document.documentElement.dataset.ready = "true";
