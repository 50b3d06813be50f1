/* How would a crew fit a ticket: when would it be there, what stands against it, and what else would suffer? */
import { formatTime, n, t } from "/static/shared/i18n.js";
import { lossWords, percent } from "./coverage.js";

/** @typedef {{tone: string, icon: string, short: string, lines: {tone: string, icon: string, words: string}[], arrives: number | null, ends: number | null}} Fit */

/** More promises than these are counted and not told one by one. */
const MOST = 3;
const DRIVING = new Set(["dispatched", "acknowledged", "en_route"]);

/** What a crew is on, the ticket itself left out. @param {any} row @param {string} number */
const othersOf = (row, number) => (row?.bars ?? []).filter((/** @type {any} */ bar) => bar.kind === "visit" && !bar.is_ended && bar.ticket !== number);

/** The promises that would be reached later if the crew went here first. @param {any} row @param {string} number @param {number} ends @param {number} at */
function delays(row, number, ends, at) {
  return othersOf(row, number).filter((/** @type {any} */ bar) => DRIVING.has(bar.state) && bar.due_at).map((/** @type {any} */ bar) => {
    const [before, due] = [Date.parse(bar.arrives_at), Date.parse(bar.due_at)];
    const then = ends + Math.max(0, before - at);
    const values = { ticket: bar.ticket, due: formatTime(due), before: formatTime(before), then: formatTime(then) };
    if (before > due) return { tone: "warn", icon: "alert-triangle", words: t("%(ticket)s, late already, would be reached about %(then)s instead of %(before)s.", values) };
    return then > due
      ? { tone: "danger", icon: "alert-octagon", words: t("%(ticket)s would miss its promise (%(due)s): reached about %(then)s instead of %(before)s.", values) }
      : { tone: "warn", icon: "clock", words: t("%(ticket)s would be reached about %(then)s instead of %(before)s, still in time (%(due)s).", values) };
  });
}

/** @param {Fit["lines"]} all */
function worstFirst(all) {
  const sorted = [...all].sort((one, other) => Number(other.tone === "danger") - Number(one.tone === "danger"));
  const rest = sorted.slice(MOST);
  if (!rest.length) return sorted;
  return [...sorted.slice(0, MOST), { ...rest[0], words: n("%(count)s more ticket would be reached later.", "%(count)s more tickets would be reached later.", rest.length) }];
}

/** When the crew is done with what it works on, if it works. @param {any} row @param {string} number */
function onSite(row, number) {
  return othersOf(row, number).find((/** @type {any} */ bar) => bar.is_arrived) ?? null;
}

/** @param {any} offer @param {any} ticket */
function verdict(offer, ticket) {
  const minutes = offer.eta_seconds === null || offer.eta_seconds === undefined ? null : Math.ceil(offer.eta_seconds / 60);
  const eta = minutes === null ? "–" : t("%(minutes)s min", { minutes });
  if (ticket.crew?.id === offer.crew_id) return { tone: "neutral", icon: "truck", short: t("on this ticket") };
  if (offer.excluded_by) return { tone: "danger", icon: "ban", short: offer.reasons?.[0] ?? t("may not go") };
  if (offer.makes_promise === false) return { tone: "warn", icon: "alert-octagon", short: eta };
  return { tone: "good", icon: offer.is_best ? "star" : "check", short: eta };
}

/** @param {any} offer @param {any} ticket */
function arrivalLine(offer, ticket) {
  if (!offer.arrives_at) return [];
  const values = { time: formatTime(offer.arrives_at), minutes: Math.ceil(offer.eta_seconds / 60), due: formatTime(ticket.arrive_due_at ?? 0) };
  if (!ticket.arrive_due_at) return [{ tone: "neutral", icon: "truck", words: t("There at %(time)s, in %(minutes)s min.", values) }];
  const isLate = Date.parse(offer.arrives_at) > Date.parse(ticket.arrive_due_at);
  const chance = offer.chance === null || offer.chance === undefined ? "" : ` ${t("Chance to be in time: %(chance)s.", { chance: percent(offer.chance) })}`;
  return [isLate
    ? { tone: "warn", icon: "alert-octagon", words: t("There at %(time)s, in %(minutes)s min: too late for %(due)s.", values) + chance }
    : { tone: "good", icon: "check", words: t("There at %(time)s, in %(minutes)s min, in time for %(due)s.", values) + chance }];
}

/** @typedef {{offer: any, loss: any, row: any, ticket: any, work: number, at: number}} Asked `work` in seconds, `at` in milliseconds */

/** @param {Asked} asked @param {number | null} ends */
function linesOf({ offer, loss, row, ticket, at }, ends) {
  const lines = [];
  if (offer.excluded_by) lines.push({ tone: "danger", icon: "ban", words: t("%(why)s. It may still be sent, with a reason.", { why: offer.reasons?.[0] ?? "" }) });
  const busy = onSite(row, ticket.number);
  if (busy && offer.arrives_at) {
    const done = Date.parse(busy.ends_at);
    lines.push({ tone: "warn", icon: "tool", words: t("On %(ticket)s until about %(time)s; there about %(then)s if it ends that first.", { ticket: busy.ticket, time: formatTime(done), then: formatTime(done + offer.eta_seconds * 1000) }) });
  } else lines.push(...arrivalLine(offer, ticket));
  if (ends !== null) lines.push(...worstFirst(delays(row, ticket.number, ends, at)));
  if (loss) lines.push({ tone: "warn", icon: "gauge", words: lossWords(loss) });
  return lines;
}

/**
 * Weigh a crew for the carried ticket, in times for the ghost, and in words once they are read.
 * @param {Asked} asked
 * @returns {Fit}
 */
export function fitOf(asked) {
  const { offer, ticket, work } = asked;
  const arrives = offer.arrives_at ? Date.parse(offer.arrives_at) : null;
  const ends = arrives === null ? null : arrives + work * 1000;
  /** @type {Fit["lines"] | null} */
  let told = null;
  return { ...verdict(offer, ticket), arrives, ends, get lines() { return (told ??= linesOf(asked, ends)); } };
}
