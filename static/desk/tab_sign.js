/* What do the browser tab's title and picture say of the queue while another page is looked at? */
import { computed, effect } from "/static/vendor/preact.js";
import { n } from "/static/shared/i18n.js";
import { FILTERS, isOverdue } from "./promises.js";
import { now, tickets } from "./store.js";

const SIZE = 64;
const MOST = 99;
const needsCrew = FILTERS.find((each) => each.key === "crew")?.holds ?? (() => false);

/** The open tickets with a broken promise that a crew can still mend, as a text that changes when they do. */
const overdueText = computed(() => [...tickets.value.values()].filter((ticket) => isOverdue(ticket, now.value)).map((ticket) => ticket.number).sort().join(" "));
export const overdueNumbers = computed(() => (overdueText.value ? overdueText.value.split(" ") : []));
/** How many tickets wait for a crew. */
const waiting = computed(() => [...tickets.value.values()].filter(needsCrew).length);

/** A drop, or a square with how many are overdue, or else a disc with how many wait for a crew. @param {number} late @param {number} fresh */
function picture(late, fresh) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE;
  const pen = canvas.getContext("2d");
  if (!pen) return null;
  const count = late || fresh;
  pen.fillStyle = late ? "#b8261f" : "#0a6578";
  pen.beginPath();
  if (late) pen.roundRect(0, 0, SIZE, SIZE, 12);
  else pen.arc(SIZE / 2, SIZE / 2, SIZE / 2, 0, 2 * Math.PI);
  pen.fill();
  pen.fillStyle = "#fff";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.font = `700 ${count > 9 ? 40 : 48}px system-ui, sans-serif`;
  pen.fillText(count > MOST ? "…" : String(count), SIZE / 2, SIZE / 2 + 3);
  return canvas.toDataURL("image/png");
}

/** Keep title and picture in step with the queue. */
export function signTab() {
  const bare = document.title;
  const link = /** @type {HTMLLinkElement | null} */ (document.querySelector('link[rel="icon"]'));
  const plain = { href: link?.href ?? "", type: link?.type ?? "" };
  let known = { looks: "", drawn: /** @type {string | null} */ (null) };
  effect(() => {
    const [late, fresh] = [overdueNumbers.value.length, waiting.value];
    const words = late ? `${n("%(count)s overdue", "%(count)s overdue", late)} · ` : "";
    document.title = late + fresh ? `(${late + fresh}) ${words}${bare}` : bare;
    const looks = late ? `late ${Math.min(late, MOST + 1)}` : `fresh ${Math.min(fresh, MOST + 1)}`;
    if (looks !== known.looks) known = { looks, drawn: late + fresh ? picture(late, fresh) : null };
    const { drawn } = known;
    if (!link) return;
    link.type = drawn ? "image/png" : plain.type;
    link.href = drawn ?? plain.href;
  });
}
