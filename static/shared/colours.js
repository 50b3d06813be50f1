/* Which colour does a token have just now, for a canvas that cannot read CSS? */

const probe = document.createElement("span");
probe.hidden = true;
document.body.append(probe);

/**
 * Read a token as rgb(), in the theme that is shown.
 * @param {string} token without the dashes, for example "accent" @param {number} [alpha] 0 to 1
 */
export function colour(token, alpha = 1) {
  probe.style.color = `var(--${token})`;
  const [red, green, blue] = getComputedStyle(probe).color.match(/[\d.]+/g) ?? [0, 0, 0];
  return `rgba(${red}, ${green}, ${blue}, ${alpha})`;
}

/** The font of the page, for text on a canvas. @param {string} [size] */
export function font(size = "13px") {
  return `${size} ${getComputedStyle(document.body).fontFamily}`;
}

/** Call back whenever the page turns light or dark; returns a function that stops it. @param {() => void} redraw */
export function onThemeChange(redraw) {
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const later = () => requestAnimationFrame(redraw);
  document.addEventListener("themechange", later);
  system.addEventListener("change", later);
  return () => {
    document.removeEventListener("themechange", later);
    system.removeEventListener("change", later);
  };
}
