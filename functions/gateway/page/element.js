// What every screen is made of: html, routes behind the #, and the small parts that look the same everywhere.

import { h } from "preact";
import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import htm from "htm";
import { count, isInstant, money, NONE, reasonName, shortTime, time, words } from "./format.js";

export const html = htm.bind(h);

// ---- routes: `#/payments/ID?outcome=review`. What stands behind the # reaches no server and no log.

const MAILED = { transactions: "payments", jobs: "files" }; // what links in mails call the screens

/** The route that the address names: the screen, the rest of its path decoded, and the filters. */
export function routeOf(hash = location.hash) {
  const [path, search = ""] = hash.replace(/^#\/?/, "").split("?");
  const [screen, ...rest] = path.split("/").map(decoded);
  return { screen: MAILED[screen] || screen || "today", rest, query: Object.fromEntries(new URLSearchParams(search)) };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign that escapes nothing
  }
}

/** The link to a route. */
export function to(path, query = {}) {
  const filled = Object.entries(query).filter(([, value]) => value !== "" && value !== undefined && value !== null);
  const parts = (Array.isArray(path) ? path : [path]).map(encodeURIComponent).join("/");
  return `#/${parts}${filled.length ? `?${new URLSearchParams(filled)}` : ""}`;
}

export const go = (path, query) => { location.hash = to(path, query); };

/** The route now, and again whenever it changes. */
export function useRoute() {
  const [route, setRoute] = useState(routeOf());
  useEffect(() => {
    const changed = () => setRoute(routeOf());
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return route;
}

// ---- keys

const typing = (target) => target.closest?.("input:not([type=checkbox]), select, textarea, [contenteditable], dialog");

/** Run `keys[key]` when that key is pressed alone, and not into a field. */
export function useKeys(keys) {
  useLayoutEffect(() => { // before the next key: a screen that shows a choice goes by it
    const pressed = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      const run = keys[event.key];
      if (!run) return;
      event.preventDefault();
      run(event);
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  });
}

// ---- parts

const MARKS = { approve: "✓", review: "◐", block: "✕", fraud: "⚑", genuine: "✓" };

/** An outcome or a label: mark, word and colour say the same. */
export const Badge = ({ of }) =>
  of ? html`<span class="badge ${of}"><span aria-hidden="true">${MARKS[of] || "•"}</span> ${of}</span>` : html`<span class="quiet">${NONE}</span>`;

const STATES = { healthy: "✓", ok: "✓", completed: "✓", sent: "✓", degraded: "!", warning: "!", open: "…", claimed: "…", pending: "…", running: "…", queued: "…", draft: "…", shadow: "…", challenger: "…", published: "•", retired: "•", replaced: "•", expired: "•", removed: "•" };
const LOOKS = { healthy: "approve", completed: "approve", ok: "approve", sent: "approve", confirmed: "approve", delivered: "approve", active: "approve", champion: "approve", on: "approve" };
const MIDDLE = new Set(["open", "claimed", "degraded", "warning", "pending", "running", "queued", "cancelled", "skipped", "draft", "shadow", "challenger", "published", "retired", "replaced", "expired", "removed"]);

/** The state of a service, a job, a mail. */
export const State = ({ of }) => {
  const look = LOOKS[of] || (MIDDLE.has(of) ? "review" : "block");
  return html`<span class="badge ${look}"><span aria-hidden="true">${STATES[of] || (look === "approve" ? "✓" : "✕")}</span> ${of}</span>`;
};

/** An instant for reading, `as` one of the forms of format.js; the whole of it in the title. */
export const Time = ({ at, as = time }) =>
  at ? html`<time datetime=${at} title=${at}>${as(at)}</time>` : html`<span class="quiet">${NONE}</span>`;

/** Names of reasons, the first two; all codes in the title. */
export const ReasonNames = ({ codes = [] }) =>
  codes.length ? html`<span class="cut" title=${codes.join(", ")}>${codes.slice(0, 2).map(reasonName).join(", ")}${codes.length > 2 ? `, ${codes.length - 2} more` : ""}</span>` : NONE;

const MONEY = /balance|amount$|loss$/i;

/** What a field holds in a list: times, money and reasons for reading, any other text cut, with the whole in the title. */
export function Value({ name, value }) {
  if (value === null || value === undefined || value === "") return NONE;
  if (name === "reason_codes") return html`<${ReasonNames} codes=${value} />`;
  if (isInstant(value)) return html`<${Time} at=${value} as=${shortTime} />`;
  if (typeof value === "number") return MONEY.test(name) ? money(value) : String(value);
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return html`<span class="cut" title=${text}>${text}</span>`;
}

/** What went wrong, where to look it up, and a way on. */
export const Fault = ({ error, again, children }) => html`
  <div class="fault" role="alert">
    <strong>${error.title || "That did not work"}</strong>
    <p>${error.message}</p>
    ${error.errors?.length > 0 && html`<ul>${error.errors.map((one) => html`<li><code>${one.pointer}</code> ${one.detail}</li>`)}</ul>`}
    <p class="quiet">${error.code && html`<code>${error.code}</code> `}${error.requestId && html`request <code class="id">${error.requestId}</code>`}</p>
    ${children}
    ${again && html`<button type="button" class="small" onClick=${again}>Try again</button>`}
  </div>`;

/** What a screen shows of something loaded: a fault, a wait, or what `children` makes of it. */
export const Loaded = ({ of, children }) => html`
  ${of.error && html`<${Fault} error=${of.error} again=${of.again}>${of.error.retryAfter > 0 && html`<p class="quiet">It is asked for again by itself after ${of.error.retryAfter} s.</p>`}</${Fault}>`}
  ${of.value === undefined ? !of.error && html`<p class="quiet" aria-busy="true">Loading</p>` : children(of.value)}`;

/** Nothing is there: says so, and what to do next. */
export const Empty = ({ title, children }) => html`<div class="empty"><h2>${title}</h2>${children}</div>`;

/** A table with a caption that screen readers say. `columns`: {name, title, number, cell(row)}. */
export const Table = ({ caption, columns, rows, keyed, rowClass, hidden = true }) => html`
  <div class="scroll" tabindex="0" role="region" aria-label=${caption}>
    <table>
      <caption class=${hidden ? "unseen" : ""}>${caption}</caption>
      <thead><tr>${columns.map((one) => html`<th scope="col" class=${one.number ? "number" : ""}>${one.title}</th>`)}</tr></thead>
      <tbody>${rows.map((row, index) => html`
        <tr key=${keyed ? keyed(row) : index} class=${rowClass?.(row, index) || ""}>
          ${columns.map((one) => html`<td class=${one.number ? "number" : ""} data-title=${one.title}>${one.cell(row, index)}</td>`)}
        </tr>`)}
      </tbody>
    </table>
  </div>`;

/** Names and values, one below the other. */
export const Facts = ({ of }) => html`
  <dl class="facts">${of.filter(Boolean).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value ?? NONE}</dd></div>`)}</dl>`;

/** A labelled field of a form. */
export const Field = ({ label, hint, children }) => html`<label>${label}${children}${hint && html`<small>${hint}</small>`}</label>`;

/** A button that copies a text, and says that it did. */
export function Copy({ text, children }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setDone(true);
      setTimeout(() => setDone(false), 2000);
    } catch {
      setDone(false); // the browser does not let us: the text stands on the screen all the same
    }
  };
  return html`<button type="button" class="small outline" onClick=${copy}>${done ? "Copied" : children}</button>`;
}

/** The button for the next page of a list. */
export function Further({ load, children = "Show more" }) {
  const [state, setState] = useState({});
  const run = async () => {
    setState({ busy: true });
    try {
      await load();
      setState({});
    } catch (error) {
      setState({ error });
    }
  };
  return html`
    ${state.error && html`<${Fault} error=${state.error} again=${run} />`}
    <button type="button" class="outline more" onClick=${run} aria-busy=${state.busy} disabled=${state.busy}>${children}</button>`;
}

const DRAWN = 500;

/** Of a long list at most 500 rows at once, at first the last ones that were loaded; those before them are a button away. */
export function Drawn({ rows, children }) {
  const [end, setEnd] = useState(Infinity);
  const until = Math.min(rows.length, Math.max(end, DRAWN)), from = Math.max(0, until - DRAWN);
  useEffect(() => setEnd(Infinity), [rows.length]); // more have come: they are looked at
  const turn = (to, text) => html`<button type="button" class="small outline" onClick=${() => setEnd(to)}>${text}</button>`;
  return html`
    ${rows.length > DRAWN && html`<p class="row quiet">Rows ${count(from + 1)} to ${count(until)} of ${count(rows.length)} that are loaded ${from > 0 && turn(from, "Those before")} ${until < rows.length && turn(until + DRAWN, "Those after")}</p>`}
    ${children(rows.slice(from, until))}`;
}

export const Json = ({ of }) => html`<pre tabindex="0"><code>${JSON.stringify(of, null, 2)}</code></pre>`;

/** A button that asks once more before it acts. */
export function Sure({ children, ask, act, disabled }) {
  const [asked, setAsked] = useState(false);
  if (!asked) return html`<button type="button" class="small outline" disabled=${disabled} onClick=${() => setAsked(true)}>${children}</button>`;
  return html`<span class="sure">${ask} <button type="button" class="small" onClick=${() => { setAsked(false); act(); }}>Yes</button>
    <button type="button" class="small outline" onClick=${() => setAsked(false)}>No</button></span>`;
}

/** Tabs as links: each is a route of its own. */
export const Tabs = ({ label, of, at }) => html`
  <nav class="tabs" aria-label=${label}>${of.map(([name, title, href]) => html`<a href=${href} aria-current=${name === at ? "page" : undefined}>${title}</a>`)}</nav>`;

export const plural = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

/** What a field is called in a table. */
export const fieldTitle = (name) => ({ nameOrig: "Sender", nameDest: "Receiver", occurred_at: "When", transaction_id: "Transaction", reason_codes: "Why" })[name] || words(name);

/** The default component of a module that is fetched when it is shown; null until it is there. */
export function useModule(load) {
  const [View, setView] = useState(null);
  useEffect(() => { load().then((module) => setView(() => module.default)); }, []);
  return View;
}

/** Hands text to the browser as a file. */
export function download(text, name, type = "text/csv") {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
