/* How does a page ask the server, and how does it learn why it was refused? */
import { t } from "./i18n.js";

/** The server said no, or could not be reached (status 0, code `unreachable`). */
export class Refusal extends Error {
  /**
   * @param {{status: number, code: string, message: string,
   *   fields?: Record<string, string>, facts?: Record<string, unknown>}} answer
   */
  constructor({ status, code, message, fields = {}, facts = {} }) {
    super(message);
    this.name = "Refusal";
    this.status = status;
    this.code = code;
    this.fields = fields;
    this.facts = facts;
  }
}

/** @param {Response} response */
async function refusalFrom(response) {
  const body = await response.json().catch(() => null);
  const { code = "unexpected", message = "", fields, facts } = body?.error ?? {};
  const words = message || t("The server answered %(status)s. Nothing was changed; try again.", {
    status: response.status,
  });
  return new Refusal({ status: response.status, code, message: words, fields, facts });
}

/** @param {string} url @param {RequestInit} options */
async function ask(url, options) {
  let response;
  try {
    response = await fetch(url, { credentials: "same-origin", ...options });
  } catch (reason) {
    if (reason instanceof DOMException && reason.name === "AbortError") throw reason;
    const message = t("The server cannot be reached. Check the connection and try again.");
    throw new Refusal({ status: 0, code: "unreachable", message });
  }
  if (!response.ok && response.status !== 304) throw await refusalFrom(response);
  return response;
}

/**
 * Read JSON. With the etag of the last answer, `isChanged` is false and `body` null when it still holds.
 * @param {string} url @param {{signal?: AbortSignal, etag?: string | null}} [options]
 */
export async function getJson(url, { signal, etag } = {}) {
  const headers = { Accept: "application/json", ...(etag ? { "If-None-Match": etag } : {}) };
  const response = await ask(url, { headers, signal, cache: etag ? "no-store" : "default" });
  const isChanged = response.status !== 304;
  const body = isChanged && response.status !== 204 ? await response.json() : null;
  return { body, etag: response.headers.get("ETag") ?? etag ?? null, isChanged };
}

/**
 * Send JSON and return the answer's body (null when it has none).
 * @param {string} url @param {unknown} body
 * @param {{idempotencyKey?: string, ifMatch?: string | number, method?: string,
 *   signal?: AbortSignal}} [options]
 */
export async function postJson(url, body, { idempotencyKey, ifMatch, method, signal } = {}) {
  const token = document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
  const headers = {
    Accept: "application/json",
    "Content-Type": "application/json",
    "X-CSRFToken": token,
    ...(idempotencyKey ? { "Idempotency-Key": idempotencyKey } : {}),
    ...(ifMatch === undefined ? {} : { "If-Match": String(ifMatch) }),
  };
  const response = await ask(url, {
    method: method ?? "POST",
    headers,
    body: JSON.stringify(body),
    signal,
  });
  return response.status === 204 ? null : response.json();
}
