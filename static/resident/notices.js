/* Which interruptions are known near the place that was just chosen? */
import { formatDateTime, localName, t } from "/static/shared/i18n.js";
import { postJson } from "/static/shared/http.js";

let asked = 0;

/**
 * List them below the place, or nothing; a report can be sent all the same.
 * @param {HTMLElement} box @param {{lat: number, lon: number} | null} place
 */
export async function showNotices(box, place) {
  asked += 1;
  const mine = asked;
  const found = place ? await postJson("/api/v1/notices/search", { lat: place.lat, lon: place.lon }).catch(() => null) : null;
  if (mine !== asked) return;
  const notices = found?.notices ?? [];
  box.hidden = notices.length === 0;
  box.replaceChildren(...(notices.length ? [element("h3", t("Known interruptions near you")), listOf(notices)] : []));
}

/** @param {string} name @param {string} words */
const element = (name, words) => Object.assign(document.createElement(name), { textContent: words });

/** @param {any[]} notices */
function listOf(notices) {
  const list = document.createElement("ul");
  for (const notice of notices) {
    const item = document.createElement("li");
    const until = notice.state === "coming" ? t("from %(begin)s to %(end)s", { begin: formatDateTime(notice.begins_at), end: formatDateTime(notice.ends_at) }) : t("expected to end %(time)s", { time: formatDateTime(notice.ends_at) });
    const name = `${localName({ name: notice.area, name_zh: notice.area_zh })} · ${notice.kind_name} · ${until}`;
    item.append(element("b", name), element("p", localName({ name: notice.text, name_zh: notice.text_zh })));
    list.append(item);
  }
  return list;
}
