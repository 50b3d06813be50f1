/* Which interruptions are in force, as the map of the desk shows them? */
import { formatDateTime, localName, t } from "/static/shared/i18n.js";
import { readNotices } from "./api.js";

const EVERY = 30_000;

/** Keep the map's notices new; returns a function that stops. @param {{showNotices: (collection: any) => void}} map */
export function followNotices(map) {
  /** @type {string | null} */
  let etag = null;
  const look = async () => {
    if (document.hidden) return;
    const answer = await readNotices(etag).catch(() => null);
    if (!answer?.isChanged) return;
    etag = answer.etag;
    map.showNotices({
      ...answer.body,
      features: answer.body.features.map((/** @type {any} */ each) => ({ ...each, properties: wordsOf(each.properties) })),
    });
  };
  const timer = setInterval(look, EVERY);
  document.addEventListener("visibilitychange", look);
  look();
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", look);
  };
}

/** @param {any} notice */
function wordsOf(notice) {
  const end = t("expected to end %(time)s", { time: formatDateTime(notice.ends_at) });
  return { end, words: `${localName({ name: notice.area, name_zh: notice.area_zh })}\n${end}` };
}
