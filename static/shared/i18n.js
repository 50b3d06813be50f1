/* How does a browser module say something in the reader's language and the utility's time zone? */

const root = document.documentElement;
const source = document.getElementById("catalogue");
/** @type {Record<string, string | string[]>} */
const catalogue = source ? JSON.parse(source.textContent || "{}") : {};

export const language = root.lang || "en";
export const timeZone = root.dataset.zone || "UTC";

/** @param {string} text @param {Record<string, unknown>} [values] */
function fill(text, values) {
  if (!values) return text;
  return text.replace(/%\((\w+)\)s|%%/g, (whole, name) =>
    whole === "%%" ? "%" : String(values[name] ?? ""),
  );
}

/**
 * Say a sentence; `%(name)s` places take the values.
 * @param {string} msgid @param {Record<string, unknown>} [values]
 */
export function t(msgid, values) {
  const found = catalogue[msgid];
  return fill((Array.isArray(found) ? found[0] : found) || msgid, values);
}

/**
 * Say a sentence that depends on a count; `%(count)s` and `%(num)s` both stand for it.
 * @param {string} one @param {string} many @param {number} count
 * @param {Record<string, unknown>} [values]
 */
export function n(one, many, count, values) {
  const forms = [catalogue[one] ?? []].flat();
  const english = count === 1 ? one : many;
  const form = forms.length > 1 && count !== 1 ? forms[1] : forms[0];
  return fill(form || english, { count, num: count, ...values });
}

/**
 * The name of a grid or team in the reader's language; empty where there is none.
 * @param {{name: string, name_zh?: string | null} | null | undefined} named
 */
export const localName = (named) =>
  (language.startsWith("zh") && named?.name_zh) || named?.name || "";

const locale = language.startsWith("zh") ? "zh-CN" : "en-GB";
const clock = new Intl.DateTimeFormat(locale, {
  timeZone,
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const day = new Intl.DateTimeFormat(locale, { timeZone, day: "numeric", month: "short" });
const dayOfYear = new Intl.DateTimeFormat(locale, {
  timeZone,
  day: "numeric",
  month: "short",
  year: "numeric",
});
const year = new Intl.DateTimeFormat("en", { timeZone, year: "numeric" });
const ago = new Intl.RelativeTimeFormat(locale, { style: "short", numeric: "auto" });

/** Word an instant as 14:03 in the utility's zone. @param {string | number | Date} iso */
export function formatTime(iso) {
  return clock.format(new Date(iso));
}

/** Word a day, with the year when it is not this one. @param {string | number | Date} iso */
export function formatDay(iso) {
  const at = new Date(iso);
  const isThisYear = year.format(at) === year.format(new Date());
  return (isThisYear ? day : dayOfYear).format(at);
}

/** Word an instant as day and clock in the utility's zone. @param {string | number | Date} iso */
export function formatDateTime(iso) {
  return `${formatDay(iso)} ${formatTime(iso)}`;
}

/**
 * Word how long ago an instant was.
 * @param {string | number | Date} iso @param {number} [now] milliseconds since 1970
 */
export function formatAgo(iso, now = Date.now()) {
  const seconds = (new Date(iso).getTime() - now) / 1000;
  const steps = /** @type {const} */ ([
    ["second", 60, 1],
    ["minute", 3600, 60],
    ["hour", 86400, 3600],
    ["day", Infinity, 86400],
  ]);
  const [unit, , size] = steps.find(([, limit]) => Math.abs(seconds) < limit) ?? steps[3];
  return ago.format(Math.trunc(seconds / size), unit);
}

/** Word a running stopwatch as 0:07 or 61:03, minutes and seconds. @param {number} seconds */
export const formatStopwatch = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.trunc(seconds) % 60).padStart(2, "0")}`;

/** Word a length of time with its units: 45 s, 23 min, 1 h 12 min, from two days on whole days. @param {number} seconds */
export function formatSpan(seconds) {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return t("%(seconds)s s", { seconds: Math.trunc(seconds) });
  if (minutes < 60) return t("%(minutes)s min", { minutes });
  if (minutes < 2880) return t("%(hours)s h %(minutes)s min", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
  return n("%(count)s day", "%(count)s days", Math.floor(minutes / 1440));
}

/** Word how far a promise is away, or how long it is broken: 12 min left, 1 h 5 min late. @param {number} seconds */
export const formatLeft = (seconds) => (seconds < 0 ? t("%(time)s late", { time: formatSpan(-seconds) }) : t("%(time)s left", { time: formatSpan(seconds) }));
