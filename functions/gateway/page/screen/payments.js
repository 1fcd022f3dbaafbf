// All payments: every filter of the API, in the address; what they add up to; marked ones labelled together; a CSV.

import { useMemo, useRef, useState } from "preact/hooks";
import { ApiError, announce, call, may, query, sent, usePages } from "../api.js";
import { Badge, Empty, Fault, Field, Further, Loaded, Table, Time, Value, download, fieldTitle, go, html, plural, to, useKeys } from "../element.js";
import { count, money, NONE, paid, risk, shortTime } from "../format.js";

const PAGE = 100;
const EXPORT_PAGE = 1000;
const TYPES = ["PAYMENT", "TRANSFER", "CASH_OUT", "CASH_IN", "DEBIT"];
const BUILT_IN = ["transaction_id", "occurred_at", "type", "amount", "nameOrig", "nameDest", "source", "decision", "risk", "label", "event_type"];

// Filters in their order on the screen; those of the first group are always there.
const FIRST = [
  { name: "outcome", label: "Outcome", options: [["", "any"], ["review,block", "flagged"], "approve", "review", "block"] },
  { name: "labelled", label: "Label", options: [["", "any"], ["false", "none yet"], ["true", "labelled"]] },
  { name: "start_date", label: "From", type: "date" },
  { name: "end_date", label: "Until", type: "date" },
  { name: "account", label: "Account", hint: "sender or receiver" },
  { name: "min_amount", label: "Amount from", type: "number" },
  { name: "sort", label: "Order", options: [["", "newest first"], ["expected_loss", "expected loss"]] },
];
const MORE = [
  { name: "max_amount", label: "Amount to", type: "number" },
  { name: "min_risk", label: "Risk from", type: "number", hint: "0 to 1" },
  { name: "max_risk", label: "Risk to", type: "number", hint: "0 to 1" },
  { name: "type", label: "Type", options: [["", "any"], ...TYPES] },
  { name: "label", label: "Labelled as", options: [["", "any"], "fraud", "genuine"] },
  { name: "source", label: "Source", options: [["", "any"], "api", "queue", "batch", "store"] },
  { name: "event_type", label: "Event type", hint: "payment where empty" },
  { name: "entity", label: "Entity", hint: "name:value, as device:d-1" },
  { name: "reason", label: "Reason", hint: "its code" },
  { name: "rule", label: "Rule or condition", hint: "its code" },
  { name: "job_id", label: "File", hint: "the job's id" },
  { name: "model_version", label: "Model version" },
  { name: "policy_version", label: "Policy version", type: "number" },
  { name: "shown", label: "Own field", hint: "field=value, with an event type" },
];

export default function Payments({ place }) {
  const { cols = "", ...filters } = place.query;
  const asked = parameters(filters);
  const key = JSON.stringify(asked);
  const found = usePages((cursor) => call(`api/v1/database/transactions${query({ ...asked, limit: PAGE, cursor })}`), key);
  const rows = found.pages.flatMap((page) => page.transactions);
  const more = found.cursor !== null;
  return html`
    <h1>Payments</h1>
    <${Filters} filters=${filters} cols=${cols} />
    <${Loaded} of=${found}>${() => html`
      <${Totals} rows=${rows} more=${more} asked=${asked} />
      ${rows.length === 0 ? html`<${Nothing} filtered=${key !== "{}"} searching=${more} />` : html`<${Rows} rows=${rows} cols=${cols} filters=${filters} again=${found.again} />`}
      ${more && html`<${Further} load=${found.further} />`}`}</${Loaded}>`;
}

/** What is asked of the API for the filters of the address. */
function parameters({ shown = "", ...filters }) {
  if (filters.sort === "expected_loss") filters = { outcome: "review,block", ...filters, labelled: "false" }; // only what waits has that order
  const [field, ...value] = shown.split("=");
  const entity = filters.entity ? { entity: escapedEntity(filters.entity) } : {};
  return Object.fromEntries(Object.entries({ ...filters, ...entity, ...(value.length ? { [field]: value.join("=") } : {}) }).filter(([, one]) => one !== ""));
}

/** The value of an entity is percent-encoded once more. */
function escapedEntity(text) {
  const [name, ...value] = text.split(":");
  return `${name}:${encodeURIComponent(value.join(":"))}`;
}

function Filters({ filters, cols }) {
  const active = MORE.filter(({ name }) => filters[name]).length;
  const set = (name, value) => go("payments", { ...filters, cols, [name]: value });
  const field = (one) => html`<${Filter} key=${one.name} of=${one} value=${filters[one.name] || ""} set=${set} />`;
  const any = Object.values(filters).some(Boolean);
  return html`
    <form class="filters" onSubmit=${(event) => event.preventDefault()} aria-label="Filters">
      <div class="row">${FIRST.map(field)}</div>
      <details open=${active > 0}>
        <summary>More filters${active > 0 ? ` (${active} in use)` : ""}</summary>
        <div class="row">${MORE.map(field)}</div>
      </details>
      ${any && html`<a href=${to("payments", { cols })}>Clear all filters</a>`}
    </form>`;
}

/** A filter counts when it is left, or with Enter: each is a new place in the browser's history. */
const Filter = ({ of, value, set }) => html`
  <${Field} label=${of.label}>
    ${of.options
      ? html`<select value=${value} onChange=${(event) => set(of.name, event.target.value)}>${of.options.map((option) => {
          const [code, text] = Array.isArray(option) ? option : [option, option];
          return html`<option value=${code} selected=${code === value}>${text}</option>`;
        })}</select>`
      : html`<input type=${of.type || "text"} step="any" value=${value} placeholder=${of.hint || ""} onChange=${(event) => set(of.name, event.target.value.trim())} />`}
  </${Field}>`;

function Totals({ rows, more, asked }) {
  const sums = new Map(); // by currency: what a type reports is added up in that, and what had no rate is left out
  for (const one of rows) {
    const currency = one.reporting_currency ?? one.amount_currency ?? "";
    sums.set(currency, (sums.get(currency) ?? 0) + ((one.reporting_currency ? one.reported_amount : one.amount) ?? 0));
  }
  const amount = [...sums].map(([currency, sum]) => `${money(sum)} ${currency}`.trim()).join(" + ") || money(0);
  const by = (outcome) => rows.filter((one) => one.decision === outcome).length;
  return html`
    <div class="totals">
      <p role="status"><strong>${count(rows.length)}${more ? "+" : ""}</strong> ${rows.length === 1 ? "payment" : "payments"}${more ? " so far" : ""}${" · "}<strong>${amount}</strong> in all · ${by("approve")} approve · ${by("review")} review · ${by("block")} block</p>
      <${Export} asked=${asked} />
    </div>`;
}

/** The export takes the filters of the list but for its days and its order: those are of the list alone. */
function Export({ asked }) {
  const [state, setState] = useState({});
  const { sort, start_date: from, end_date: until, ...others } = asked;
  const days = from && from === until ? { date: from } : {};
  if ((from || until) && !days.date) return html`<span class="quiet">The CSV takes one day, or all: set From and Until alike</span>`;
  const run = async () => {
    try {
      setState({ lines: 0 });
      const text = await exported({ ...others, ...days }, (lines) => setState({ lines }));
      download(text, "transactions.csv");
      setState({});
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setState({ error });
    }
  };
  return html`
    <button type="button" class="small outline" onClick=${run} disabled=${state.lines !== undefined} aria-busy=${state.lines !== undefined}>
      ${state.lines === undefined ? "Export as CSV" : `${count(state.lines)} lines`}</button>
    ${state.error && html`<${Fault} error=${state.error} again=${run} />`}`;
}

/** All pages of the export, one below the other, with one header. The next one's cursor is in `Link`. */
async function exported(asked, tell) {
  const parts = [];
  let lines = 0, cursor = "";
  do {
    const response = await sent(`api/v1/ingest/export${query({ ...asked, limit: EXPORT_PAGE, cursor })}`, { accept: "text/csv" });
    const text = await response.text();
    parts.push(parts.length ? text.slice(text.indexOf("\n") + 1) : text);
    lines += text.split("\n").length - 2;
    tell(lines);
    const next = /[?&]cursor=([^&>]+)[^>]*>; rel="next"/.exec(response.headers.get("Link") || "");
    cursor = next ? decodeURIComponent(next[1]) : "";
  } while (cursor);
  return parts.join("");
}

const Nothing = ({ filtered, searching }) => html`
  <${Empty} title=${searching ? "None among those looked at so far" : filtered ? "No payment passes these filters" : "No payment is stored yet"}>
    ${searching ? html`<p>The list goes on below.</p>` : filtered ? html`<p><a href=${to("payments")}>Clear all filters</a>, or widen them.</p>`
      : html`<p><a href=${to("try")}>Score one</a>, <a href=${to("files")}>drop a CSV</a>, or <a href=${to("today")}>take the example payments</a>.</p>`}
  </${Empty}>`;

function Rows({ rows, cols, filters, again }) {
  const [at, setAt] = useState(0);
  const row = useRef(0); // as `at`, but at once: keys may come faster than the screen is drawn
  const walk = (index) => { row.current = index; setAt(index); };
  const [marked, setMarked] = useState(new Set());
  const body = useRef();
  const own = useMemo(() => [...new Set(rows.flatMap(Object.keys))].filter((name) => !BUILT_IN.includes(name)), [rows]);
  const hiddenColumns = new Set(cols.split(",").filter(Boolean));
  const move = (by) => {
    const next = Math.max(0, Math.min(rows.length - 1, row.current + by));
    walk(next);
    body.current.querySelectorAll("tbody a.row-link")[next]?.focus();
  };
  const mark = (id) => setMarked((had) => {
    const now = new Set(had);
    now.has(id) ? now.delete(id) : now.add(id);
    return now;
  });
  useKeys({ j: () => move(1), k: () => move(-1), ...(may("analyst") ? { x: () => mark(rows[row.current].transaction_id) } : {}) });
  const columns = [
    may("analyst") && { name: "mark", title: "Mark", cell: (row, index) => html`<input type="checkbox" aria-label=${`Mark ${row.transaction_id}`} checked=${marked.has(row.transaction_id)} onChange=${() => { walk(index); mark(row.transaction_id); }} />` },
    { name: "decision", title: "Outcome", cell: (row) => html`<${Badge} of=${row.decision} />` },
    { name: "risk", title: "Risk", number: true, cell: (row) => risk(row.risk) },
    { name: "amount", title: "Amount", number: true, cell: (row) => html`<strong>${paid(row)}</strong>` },
    { name: "transaction_id", title: "Transaction", cell: (row, index) => html`<a class="row-link id" href=${to(["payments", row.transaction_id])} onFocus=${() => walk(index)}>${row.transaction_id}</a>` },
    { name: "type", title: "Type", cell: (row) => row.type || row.event_type || NONE },
    { name: "nameOrig", title: "Sender", cell: (row) => html`<${Account} name=${row.nameOrig} filters=${filters} />` },
    { name: "nameDest", title: "Receiver", cell: (row) => html`<${Account} name=${row.nameDest} filters=${filters} />` },
    ...own.map((name) => ({ name, title: fieldTitle(name), number: rows.some((row) => typeof row[name] === "number"), cell: (row) => html`<${Value} name=${name} value=${row[name]} />` })),
    { name: "occurred_at", title: "When", cell: (row) => html`<${Time} at=${row.occurred_at} as=${shortTime} />` },
    { name: "source", title: "Source", cell: (row) => row.source },
    { name: "label", title: "Label", cell: (row) => html`<${Badge} of=${row.label} />` },
  ].filter(Boolean);
  const toggle = (name) => {
    hiddenColumns.has(name) ? hiddenColumns.delete(name) : hiddenColumns.add(name);
    go("payments", { ...filters, cols: [...hiddenColumns].join(",") });
  };
  return html`
    ${marked.size > 0 && html`<${Label} ids=${[...marked]} done=${() => { setMarked(new Set()); again(); }} clear=${() => setMarked(new Set())} />`}
    <div ref=${body} class="list">
      <${Table} caption="Payments" columns=${columns.filter(({ name }) => !hiddenColumns.has(name))} rows=${rows} keyed=${(row) => row.transaction_id}
        rowClass=${(row, index) => `${row.decision || ""} ${index === at ? "at" : ""}`} />
    </div>
    <details class="columns"><summary>Columns</summary>
      <div class="row">${columns.filter(({ name }) => name !== "transaction_id" && name !== "mark").map(({ name, title }) => html`
        <label><input type="checkbox" checked=${!hiddenColumns.has(name)} onChange=${() => toggle(name)} /> ${title}</label>`)}</div>
    </details>`;
}

const Account = ({ name, filters }) => (name ? html`<a class="plain id" href=${to("payments", { ...filters, account: name })} title="All payments of this account">${name}</a>` : NONE);

/** Several payments get one label, by one call. */
function Label({ ids, done, clear }) {
  const [error, setError] = useState(null);
  const put = async (label) => {
    const lines = ids.map((id) => `"${id.replaceAll('"', '""')}",${label},analyst`);
    try {
      const found = await call("api/v1/database/labels", { method: "POST", text: ["transaction_id,label,source", ...lines, ""].join("\n"), type: "text/csv" });
      announce(`${plural(found.labelled + found.unchanged, "payment")} labelled ${label}${found.failed ? `, ${plural(found.failed, "payment")} refused: ${found.errors[0].detail}` : ""}`);
      done();
    } catch (refused) {
      setError(refused);
    }
  };
  return html`
    <div class="bulk" role="group" aria-label="Marked payments">
      <strong>${plural(ids.length, "payment")} marked</strong>
      <button type="button" class="small outline block" onClick=${() => put("fraud")}>Label fraud</button>
      <button type="button" class="small outline approve" onClick=${() => put("genuine")}>Label genuine</button>
      <button type="button" class="small outline" onClick=${clear}>Unmark all</button>
      ${error && html`<${Fault} error=${error} />`}
    </div>`;
}
