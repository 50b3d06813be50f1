/* At which addresses does the desk ask, and in which shape does it get the answers? */
import { getJson, postJson, Refusal } from "/static/shared/http.js";
import { t } from "/static/shared/i18n.js";

const V1 = "/api/v1";

/** A key that makes a repeated request harmless; `randomUUID` is missing on plain http. */
export const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Only the values that are there, as text. @param {Record<string, unknown>} values */
const filled = (values) =>
  Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== null && value !== undefined && value !== "")
      .map(([name, value]) => [name, String(value)]),
  );

/** @param {Record<string, unknown>} values */
const asQuery = (values) => new URLSearchParams(filled(values)).toString();

/** A ticket with its story and, for those who may see them, its reporters. @param {string} number @param {boolean} personal */
export async function readTicket(number, personal) {
  const address = `${V1}/tickets/${encodeURIComponent(number)}`;
  const [ticket, events, tasks, held, reports] = await Promise.all([
    getJson(address),
    getJson(`${address}/events`),
    getJson(`${address}/tasks`),
    getJson(`${address}/responsibility`),
    personal ? getJson(`${address}/reports`) : { body: { reports: [] } },
  ]);
  return {
    ticket: ticket.body.ticket,
    events: events.body.events,
    tasks: tasks.body.tasks,
    held: held.body.responsibility,
    reports: reports.body.reports,
  };
}

/** The longest pause for each reason, with its end for one that begins now. */
export const readHoldLimits = async () => (await getJson(`${V1}/hold-limits`)).body.holds;

/** What was sent about a ticket, oldest first; addresses are masked. @param {string} number */
export async function readMessages(number) {
  return (await getJson(`${V1}/tickets/${encodeURIComponent(number)}/messages`)).body.messages;
}

/** Tickets near a ticket or of its household, and its household's complaints. @param {string} number */
export const readSimilar = async (number) => (await getJson(`${V1}/tickets/${encodeURIComponent(number)}/similar`)).body;

/**
 * What changed since a cursor, which is the ETag too; everything without one.
 * @param {string | null} since @param {string | null} viewing the ticket that is looked at @param {AbortSignal} signal
 */
export const readLive = (since, viewing, signal) =>
  // Without a question the address is the one that the page had fetched ahead.
  getJson(["/api/live", asQuery({ since, viewing })].filter(Boolean).join("?"), { signal, etag: since && `"${since}"` });

export async function readGrids() {
  return (await getJson(`${V1}/grids.geojson`)).body;
}

/** Where a crew would be in time, by grid. */
export async function readCoverage() {
  return (await getJson(`${V1}/coverage`)).body;
}

/** The way of a crew between two instants; each look is written down. @param {number} crew @param {string} from @param {string} to @param {AbortSignal} signal */
export const readTrack = async (crew, from, to, signal) => (await getJson(`${V1}/crews/${crew}/track?${asQuery({ from, to })}`, { signal })).body;

/** What each crew does between two instants. @param {string} from @param {string} to */
export const readBoard = async (from, to) => (await getJson(`${V1}/board?${asQuery({ from, to })}`)).body;

/** What sending a crew takes away, by its id. @returns {Promise<Map<number, any>>} */
export async function readLosses() {
  const { crews } = (await getJson(`${V1}/coverage/crews`)).body;
  return new Map(crews.map((/** @type {any} */ loss) => [loss.crew_id, loss]));
}

/** Every crew before a ticket, and why the drives are not the road server's. @param {string} number */
export async function readCandidates(number) {
  return (await getJson(`${V1}/tickets/${number}/candidates`)).body;
}

/** The streets that a ticket's crew drives. @param {string} number */
export const readRoad = async (number) => (await getJson(`${V1}/tickets/${number}/road`)).body;

/** Take a named step. @param {string} number @param {string} step @param {unknown} values @param {number} [version] */
export async function takeStep(number, step, values, version) {
  const body = await postJson(`${V1}/tickets/${number}/${step}`, values, {
    ifMatch: version === undefined ? undefined : `"${version}"`,
    idempotencyKey: newKey(),
  });
  return body.ticket;
}

/** Show a reporter's name and number; who looked and why is written down. @param {string} number @param {number} report @param {string} reason */
export const reveal = async (number, report, reason) => (await postJson(`${V1}/tickets/${number}/reveal`, { report, reason })).report;

/** Ask for a task under a ticket. @param {string} number @param {unknown} values */
export const openTask = (number, values) => postJson(`${V1}/tickets/${number}/tasks`, values, { idempotencyKey: newKey() });

/** Take a step of a task as it was seen. @param {any} task @param {string} step @param {unknown} values */
export const takeTaskStep = (task, step, values) =>
  postJson(`${V1}/tickets/${task.ticket}/tasks/${task.id}/${step}`, values, { ifMatch: `"${task.version}"`, idempotencyKey: newKey() });

/** Which grid and team own a point. @param {Record<string, unknown>} place @param {AbortSignal} signal */
export async function readPlace(place, signal) {
  return (await getJson(`${V1}/places?${asQuery(place)}`, { signal })).body;
}

/** When a crew would be there. @param {Record<string, unknown>} fault @param {AbortSignal} signal */
export async function readArrival(fault, signal) {
  return (await getJson(`/desk/arrival?${asQuery(fault)}`, { signal })).body;
}

/** Sent as a body: no address may hold a telephone number. @param {Record<string, unknown>} what @param {AbortSignal} signal */
export async function readHouseholds(what, signal) {
  return (await postJson(`${V1}/households/search`, filled(what), { signal })).households;
}

/** The interruptions in force, as GeoJSON; the body is null while the etag holds. @param {string | null} etag */
export const readNotices = (etag) => getJson(`${V1}/notices.geojson`, { etag });

/** Open tickets and notices that may explain a report. @param {Record<string, unknown>} report @param {AbortSignal} signal */
export async function readDuplicates(report, signal) {
  return postJson(`${V1}/duplicates/search`, filled(report), { signal });
}

/**
 * Give a caller who was attached a ticket of their own: the form that was saved, and the report.
 * @param {string} sent @param {number} report
 */
export async function separateCall(sent, report) {
  const body = new URLSearchParams(sent);
  body.set("report", String(report));
  const response = await fetch("/desk/call/separate", { method: "POST", body, headers: { Accept: "application/json" } });
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw new Refusal({ status: response.status, code: "", message: t("The caller stays attached. Try again."), ...answer?.error });
  return answer;
}

/** The views that one may use, by name. */
export const readViews = async () => (await getJson(`${V1}/views`)).body.views;

/** Keep filters as a view. @param {{name: string, shared: boolean, filters: Record<string, string>}} wanted */
export const saveView = async (wanted) => (await postJson(`${V1}/views`, wanted, { idempotencyKey: newKey() })).view;

/** Change, delete or restore a view as it was seen. @param {{id: number, version: number}} view @param {"" | "delete" | "restore"} step @param {unknown} [wanted] */
export const changeView = async (view, step, wanted = {}) =>
  (await postJson(`${V1}/views/${view.id}${step && `/${step}`}`, wanted, { ifMatch: `"${view.version}"`, idempotencyKey: newKey() })).view;

/** Tickets, open and past, and households that fit what is typed. @param {string} words @param {AbortSignal} signal */
export const searchAll = (words, signal) => postJson(`${V1}/search`, { q: words }, { signal });
