/* In which colours does the foreign component draw the description of the API? */
import { colour, onThemeChange } from "./colours.js";

const page = document.querySelector("rapi-doc");
const COLOURS = { "bg-color": "ground", "text-color": "text", "primary-color": "accent", "nav-bg-color": "surface" };

/** The component takes no other notation. @param {string} token */
function hex(token) {
  const parts = colour(token).match(/[\d.]+/g) ?? [];
  return `#${parts.slice(0, 3).map((part) => Number(part).toString(16).padStart(2, "0")).join("")}`;
}

function paint() {
  const system = window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  page?.setAttribute("theme", document.documentElement.dataset.theme ?? system);
  for (const [name, token] of Object.entries(COLOURS)) page?.setAttribute(name, hex(token));
}

paint();
onThemeChange(paint);
