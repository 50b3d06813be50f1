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

/**
 * Word the time that is left as 12:34 or 1:02:03; past the target it starts with a minus.
 * @param {number} seconds
 */
export function formatCountdown(seconds) {
  const sign = seconds < 0 ? "−" : "";
  const left = Math.abs(Math.trunc(seconds));
  if (left >= 172_800) {
    return sign + n("%(count)s day", "%(count)s days", Math.floor(left / 86_400));
  }
  const [hours, minutes] = [Math.floor(left / 3600), Math.floor(left / 60) % 60];
  const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
  const tail = two(left % 60);
  return sign + (hours ? `${hours}:${two(minutes)}:${tail}` : `${minutes}:${tail}`);
}
