/* Which icons does OneVisit use, and how are they gathered into one sprite? */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const names = `
  alert-octagon alert-triangle arrow-back-up arrow-left arrow-right ban barrier-block bell
  bell-off bolt building calendar camera car chart-bar check checks chevron-down chevron-left
  chevron-right chevron-up circle circle-check circle-dashed circle-x clock clock-pause copy
  current-location database device-mobile dots download droplet droplet-half droplet-off droplets ear
  edit external-link eye eye-off file-text filter fire-hydrant flag gauge git-merge help-circle hexagons
  history home id info-circle keyboard language layout-dashboard link list lock logout map
  map-pin maximize menu-2 message minus moon navigation phone phone-call photo pin pinned-off player-pause
  player-play plus point printer qrcode refresh ripple rotate route search send settings shield
  star sun sun-moon tool truck upload urgent user user-check users volume wifi-off x
`.trim().split(/\s+/);

/** Return one icon as a symbol whose lines take the colour of the text around it. */
function symbolOf(name) {
  const path = join(here, "node_modules/@tabler/icons/icons/outline", `${name}.svg`);
  const svg = readFileSync(path, "utf8");
  const shapes = svg.replace(/^[\s\S]*?<svg[^>]*>|<\/svg>\s*$/g, "").split("\n");
  const kept = shapes.map((line) => line.trim()).filter((line) => line && !line.includes("M0 0h24"));
  return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${kept.join("")}</symbol>`;
}

const licence = "Tabler Icons, MIT licence, Copyright (c) 2020-2026 Paweł Kuna";
writeFileSync(
  join(here, "..", "shared", "icons.svg"),
  `<svg xmlns="http://www.w3.org/2000/svg">\n<!-- ${licence} -->\n${names.map(symbolOf).join("\n")}\n</svg>\n`,
);
