/* How far is the rehearsal, and how many tickets do the chosen days hold? */
import { getJson } from "../shared/http.js";
import { t } from "../shared/i18n.js";

const EVERY_MS = 1_000;
const PAUSE_MS = 250;

/** Follow a rehearsal until it is over, then show what came of it. @param {HTMLElement} card */
async function follow(card) {
  const bar = card.querySelector("progress");
  const words = document.getElementById("going-words");
  try {
    const { body } = await getJson(`/circle/rehearsals/${card.dataset.key}/progress`);
    if (body.state !== card.dataset.state) {
      window.location.reload();
      return;
    }
    const percent = Math.round(body.progress * 100);
    if (bar) bar.value = percent;
    if (words) {
      words.textContent = body.state === "queued"
        ? t("Before it: %(count)s. One rehearsal runs at a time.", { count: body.ahead })
        : t("%(percent)s of the calls have come in.", { percent: `${percent} %` });
    }
  } catch (refusal) {
    if (words && refusal instanceof Error) words.textContent = refusal.message;
  }
  setTimeout(() => void follow(card), EVERY_MS);
}

/** Say how many tickets the days of the form hold. @param {HTMLFormElement} form */
function countTickets(form) {
  const place = document.getElementById("located");
  let asked = 0;
  let waiting = 0;
  const count = async () => {
    const mine = ++asked;
    const days = new URLSearchParams(
      ["first", "last"].map((name) => [name, String(new FormData(form).get(name))]),
    );
    try {
      const { body } = await getJson(`/circle/rehearsals/count?${days}`);
      if (mine !== asked || !place) return;
      place.textContent = t("Located tickets in these days: %(count)s, at most %(most)s at once.", {
        count: body.located,
        most: body.most,
      });
      if (body.located && body.located <= body.most) delete place.dataset.tone;
      else place.dataset.tone = "danger";
    } catch (refusal) {
      if (mine === asked && place && refusal instanceof Error) place.textContent = refusal.message;
    }
  };
  for (const input of form.querySelectorAll('input[name="first"], input[name="last"]')) {
    input.addEventListener("change", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => void count(), PAUSE_MS);
    });
  }
}

const card = document.getElementById("going");
if (card) setTimeout(() => void follow(card), EVERY_MS);
const form = document.getElementById("rehearsal-form");
if (form instanceof HTMLFormElement) countTickets(form);
document.documentElement.dataset.ready = "rehearsals";
