/* Is a thumb on the glass? What is drawn anew under it swallows its tap. */

/** Longer than any press; a thumb whose end nobody told us of holds the page up no longer. */
const LONGEST_MS = 30_000;
let up = Promise.resolve();

document.addEventListener(
  "pointerdown",
  () => {
    up = new Promise((done) => {
      setTimeout(done, LONGEST_MS);
      // The click comes right after the end of the touch.
      for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => setTimeout(done), { once: true, capture: true });
    });
  },
  true,
);

/** Wait until no thumb is on the page. */
export const lifted = () => up;
