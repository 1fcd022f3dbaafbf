// Who is signed in, and calls of the API: its errors, its pauses, and what a screen loads and loads again.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";

const ROOT = new URL(".", document.baseURI); // the folder of the document: a stage or a base path may stand before it
const KEPT = "fraudshield"; // in this tab's sessionStorage
const SCOPES = ["score", "analyst", "admin"]; // each includes those before it
const PATIENCE_S = 60; // a longer pause than this is an error to be shown
const REFRESH_S = 15; // no screen asks again before
const ANSWER_S = 20; // API Gateway has given up long before

// ---- who is signed in

let session = read();
const listeners = new Set();

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT)) || null;
  } catch {
    return null; // what stands there is not ours
  }
}

function keep(next) {
  session = next;
  if (next) sessionStorage.setItem(KEPT, JSON.stringify(next));
  else sessionStorage.removeItem(KEPT);
  listeners.forEach((listener) => listener(next));
}

/** The session as a screen sees it: `{name, scope}`, or null. */
export function useSession() {
  const [now, setNow] = useState(session);
  useEffect(() => {
    listeners.add(setNow);
    return () => listeners.delete(setNow);
  }, []);
  return now;
}

/** Whether the key's scope allows what takes `scope`. What it does not is not offered. */
export const may = (scope) => Boolean(session) && SCOPES.indexOf(session.scope) >= SCOPES.indexOf(scope);

export const signOut = () => keep(null);

/** Keep the key for this tab, once the API has said what it opens. Throws ApiError. */
export async function signIn(key, name) {
  const scope = await scopeOf(key);
  keep({ key, name, scope });
}

/** A key does not say its scope: it is the highest that a route of that scope answers. */
async function scopeOf(key) {
  for (const [scope, path] of [["admin", "api/v1/policy/audit?limit=1"], ["analyst", "api/v1/model/policy"]]) {
    try {
      await sent(path, { key });
      return scope;
    } catch (error) {
      if (error.code !== "scope_missing") throw error;
    }
  }
  return "score";
}

/** The key of a link that signs in stands behind the #: no server is sent it. It is taken out of the address at once; where
    somebody is signed in it changes nothing, for others can make such links too. */
export function keyOfAddress() {
  const found = /^#key=([!-~]+)$/.exec(location.hash);
  if (!found) return null;
  history.replaceState(null, "", location.pathname + location.search + "#/");
  try {
    return session ? null : decodeURIComponent(found[1]);
  } catch {
    return null; // no key is written so
  }
}

// ---- calls

/** What went wrong, in words for people; `code` and `requestId` lead to the log. `results` are of each one in a list, `retryAfter` seconds. */
export class ApiError extends Error {
  constructor({ status = 0, code = "", title = "", detail = "", request_id = "", errors = [], results = [], retryAfter = 0 }) {
    super(detail || title || "The API did not answer");
    Object.assign(this, { status, code, title, requestId: request_id, errors, results, retryAfter });
  }
}

export const path = (strings, ...values) => String.raw({ raw: strings }, ...values.map(encodeURIComponent));

export const query = (values) => {
  const filled = Object.entries(values).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return filled.length ? `?${new URLSearchParams(filled)}` : "";
};

/** A call's answer, parsed. Options: method, body (sent as JSON), text with type (sent as it is), keepalive (outlives the tab). Throws ApiError. */
export const call = async (where, options = {}) => {
  const response = await sent(where, options);
  try {
    return response.status === 204 ? null : await response.json();
  } catch {
    throw unreached("The answer broke off.");
  }
};

/** The response itself, for what is not JSON. Throws ApiError. */
export async function sent(where, { method = "GET", body, text, type, accept, key = session?.key, headers = {}, keepalive = false } = {}) {
  const request = { method, keepalive, headers: { ...headers, "X-API-Key": key ?? "" } };
  if (session?.name) request.headers["X-Actor"] = encodeURIComponent(session.name);
  if (accept) request.headers.Accept = accept;
  if (body !== undefined) request.headers["Content-Type"] = "application/json";
  if (text !== undefined) request.headers["Content-Type"] = type;
  if (method !== "GET") request.body = body === undefined ? text : JSON.stringify(body);
  for (;;) {
    const response = await reached(where, request);
    if (response.ok) return response;
    const pause = pauseOf(response);
    if (response.status !== 429 || !pause || pause > PATIENCE_S) throw await refused(response);
    await paused(pause);
  }
}

/** For how many seconds the API asks to be left alone; where it is away and says nothing, as long as between two looks. */
const pauseOf = (response) => Math.max(0, Number(response.headers.get("Retry-After")) || (response.status > 500 ? REFRESH_S : 0));

const unreached = (detail) => new ApiError({ title: "No connection", detail, retryAfter: REFRESH_S });

async function reached(where, request) {
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(), ANSWER_S * 1000);
  try {
    return await fetch(new URL(where, ROOT), { cache: "no-cache", signal: waiting.signal, ...request });
  } catch {
    throw unreached(waiting.signal.aborted ? `The API has not answered for ${ANSWER_S} s.` : "The API cannot be reached. Is it up, and are you online?");
  } finally {
    clearTimeout(timer);
  }
}

async function refused(response) {
  const known = { status: response.status, request_id: response.headers.get("x-amzn-requestid") || "", retryAfter: pauseOf(response) };
  try {
    const problem = { ...known, ...(await response.json()) };
    if (problem.code === "key_refused" && session) keep(null); // it was taken back: sign in again
    return new ApiError(problem);
  } catch {
    return new ApiError({ ...known, title: response.statusText });
  }
}

/** Wait as long as the API asks for, and say so. */
async function paused(seconds) {
  announce(`The API asks for a pause: the call is sent again in ${seconds} s.`);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  announce("");
}

// ---- what is said beside the screen

let hear = () => {};
export const announced = (listener) => { hear = listener; };
export const announce = (message) => hear(message);

// ---- loading

/**
 * What `load` gives: `{value, error, loading, again}`. It is loaded when `key` changes, on `again()`, after an error when
 * the API says that it may (`Retry-After`), and with `refreshed` every 15 seconds; by itself only while somebody looks at
 * the tab. What was shown stays beside an error.
 */
export function useLoaded(load, key, { refreshed = false } = {}) {
  const [state, setState] = useState({ key, ...NOTHING_YET });
  const current = useRef(0);
  const running = useRef(false); // a slow answer is waited for, however long it takes
  const run = useCallback(async () => {
    const mine = ++current.current;
    const put = (next) => {
      if (mine !== current.current) return;
      running.current = next.loading;
      setState((before) => ({ ...NOTHING_YET, ...(before.key === key ? before : {}), key, ...next }));
    };
    put({ loading: true });
    try {
      put({ value: await load(), error: null, loading: false });
    } catch (error) {
      if (!(error instanceof ApiError)) console.error(error);
      put({ error, loading: false });
    }
  }, [key]);
  useEffect(() => {
    run();
    return () => { current.current++; };
  }, [run]);
  useEffect(() => {
    const pause = state.error?.retryAfter || (refreshed && REFRESH_S);
    if (!pause || state.key !== key) return undefined;
    const timer = setInterval(() => { if (document.visibilityState === "visible" && !running.current) run(); }, pause * 1000);
    return () => clearInterval(timer);
  }, [run, refreshed, state.error, state.key]);
  return { ...(state.key === key ? state : NOTHING_YET), again: run }; // what was loaded for another key is not shown
}

/** A list by pages: as `useLoaded`, with the `pages` so far and the `cursor` of the next, which `further` loads. */
export function usePages(load, key) {
  const first = useLoaded(() => load(""), key);
  const [more, setMore] = useState({ of: null, pages: [] }); // the pages behind that first one
  const pages = first.value ? [first.value, ...(more.of === first.value ? more.pages : [])] : [];
  const cursor = pages.length ? pages.at(-1).next_cursor : null;
  const further = async () => {
    const page = await load(cursor);
    setMore((had) => ({ of: first.value, pages: [...(had.of === first.value ? had.pages : []), page] }));
  };
  return { ...first, pages, cursor, further };
}

const NOTHING_YET = { value: undefined, error: null, loading: true };

let policyAsked = null;

/** The thresholds and conditions in force, asked for once a minute at most. */
export function policyInForce(eventType = "payment") {
  const now = Date.now();
  if (!policyAsked || policyAsked.eventType !== eventType || now - policyAsked.at > 60_000) {
    const asked = call(`api/v1/model/policy${query({ event_type: eventType === "payment" ? "" : eventType })}`);
    policyAsked = { eventType, at: now, asked };
    asked.catch(() => { policyAsked = null; });
  }
  return policyAsked.asked;
}

/** Ask for the policy anew: there is another version. */
export const forgetPolicy = () => { policyAsked = null; };

/** A payment as its sender sent it, out of how it is shown. */
export function asSent(transaction) {
  const { source, decision, received_at, event_type, event_type_version, event_type_digest, job_id, amount_currency, reported_amount, reporting_currency, ...sent } = transaction;
  return sent;
}

/** A command that scores the payment again; the key is left to the reader's shell. */
export function asCurl(transaction) {
  const { event_type } = transaction;
  const body = JSON.stringify({ ...(event_type && event_type !== "payment" ? { event_type } : {}), transactions: [asSent(transaction)] }, null, 2);
  const url = new URL("api/v1/score", new URL(".", document.baseURI));
  return `curl -s "${url}" -H "X-API-Key: $TEST_API_KEY" -H "Content-Type: application/json" -d '${body.replaceAll("'", "'\\''")}'`;
}

const SAID = ["thresholds", "rules", "by", "limits", "control", "review_within", "review_budget", "note"];

/** What an author of a version says, out of the version as it is shown. */
export const content = (version) => Object.fromEntries(SAID.filter((name) => version[name] !== undefined && version[name] !== null).map((name) => [name, version[name]]));
