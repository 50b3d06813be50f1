/* How much of the promise to arrive is left, second by second? */

const LONGEST_MINUTES = 180;

/** Count every ring of a page on from its due date. @param {ParentNode} [root] */
export function countRings(root = document) {
  const now = Date.now();
  for (const box of root.querySelectorAll(".promise[data-due]")) {
    const due = Date.parse(box.dataset.due);
    const start = Date.parse(box.dataset.start);
    const left = due - now;
    const share = Math.min(1, Math.max(0, left / (due - start)));
    const ring = box.querySelector(".progress-ring");
    const text = box.querySelector(".text");
    ring.dataset.tone = left < 0 ? "danger" : share < 0.34 ? "warn" : "accent";
    box.querySelector("circle.left")?.setAttribute("stroke-dasharray", `${share * 100} 100`);
    const minutes = Math.floor(Math.abs(left) / 60_000);
    const unit = minutes < LONGEST_MINUTES ? "minutes" : "hours";
    text.firstChild.nodeValue = String(unit === "hours" ? Math.floor(minutes / 60) : minutes);
    text.querySelector("small").textContent = box.dataset[left < 0 ? `${unit}Late` : unit];
  }
}

countRings();
setInterval(countRings, 1000, document);
