/* What takes longer than the page itself is brought once the page is there. */
const place = document.getElementById("cluster");

/** Put the clusters of the page that has nothing else in the place that waits for them.
 * @param {HTMLElement} waiting @param {string} address */
async function bring(waiting, address) {
  const answer = await fetch(address, { credentials: "same-origin" });
  if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = page.getElementById("cluster");
  if (!found) throw new Error("no clusters");
  waiting.removeAttribute("data-later");
  waiting.replaceChildren(...found.childNodes);
}

if (place?.dataset.later) {
  try {
    await bring(place, place.dataset.later);
  } catch {
    // The link below the words opens them alone.
    const words = place.querySelector("[data-said]");
    if (words instanceof HTMLElement) words.textContent = words.dataset.said ?? "";
  }
}
document.documentElement.dataset.ready = "clusters";
