// All payments: every filter of the API, in the address; what they add up to; marked ones decided or labelled together; a CSV.

import { useMemo, useRef, useState } from "preact/hooks";
import { ApiError, announce, call, may, query, sent, usePages } from "../api.js";
import { Badge, Drawn, Empty, Fault, Further, Loaded, Table, Time, Value, download, fieldTitle, go, html, plural, to, useKeys } from "../element.js";
import { Filters, parameters } from "../filter.js";
import { count, money, NONE, paid, risk, shortTime } from "../format.js";

const PAGE = 100;
const EXPORT_PAGE = 1000;
const BUILT_IN = ["transaction_id", "occurred_at", "type", "amount", "nameOrig", "nameDest", "source", "decision", "risk", "label", "event_type"];

// Filters in their order on the screen.
const FIRST = ["outcome", "labelled", "start_date", "end_date", "account", "min_amount", "sort"];
const MORE = ["max_amount", "min_risk", "max_risk", "type", "label", "source", "event_type", "entity", "reason", "rule", "job_id", "model_version", "policy_version", "shown"];

export default function Payments({ route }) {
  const { cols = "", ...filters } = route.query;
  const asked = parameters(filters.sort === "expected_loss" ? { outcome: "review,block", ...filters, labelled: "false" } : filters); // only what waits has that order
  const key = JSON.stringify(asked);
  const found = usePages((cursor) => call(`api/v1/database/transactions${query({ ...asked, limit: PAGE, cursor })}`), key);
  const rows = found.pages.flatMap((page) => page.transactions);
  const more = found.cursor !== null;
  return html`
    <h1>Payments</h1>
    <${Filters} screen="payments" first=${FIRST} more=${MORE} filters=${filters} keep=${{ cols }} />
    <${Loaded} of=${found}>${() => html`
      <${Totals} rows=${rows} more=${more} asked=${asked} />
      ${rows.length === 0 ? html`<${Nothing} filtered=${key !== "{}"} searching=${more} />` : html`<${Drawn} key=${key} rows=${rows}>${(drawn) => html`<${Rows} rows=${drawn} cols=${cols} filters=${filters} again=${found.again} />`}</${Drawn}>`}
      ${more && html`<${Further} load=${found.further} />`}`}</${Loaded}>`;
}

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

/** All pages of the export as one file with one header. */
async function exported(asked, tell) {
  const { allPages } = await import("../csv.js"); // nobody else needs it
  return allPages((cursor) => sent(`api/v1/ingest/export${query({ ...asked, limit: EXPORT_PAGE, cursor })}`, { accept: "text/csv" }), tell);
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
    ${marked.size > 0 && html`<${Marked} ids=${[...marked]} done=${() => { setMarked(new Set()); again(); }} clear=${() => setMarked(new Set())} />`}
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

const TOGETHER = 100; // verdicts in a call

/** Several payments get one label, or one verdict with its label: a call for every hundred of them. */
function Marked({ ids, done, clear }) {
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const act = async (work) => {
    setBusy(true);
    try {
      announce(await work());
      done();
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      setError(refused);
      setBusy(false);
    }
  };
  const put = (label) => act(async () => {
    const lines = ids.map((id) => `"${id.replaceAll('"', '""')}",${label},analyst`);
    const found = await call("api/v1/database/labels", { method: "POST", text: ["transaction_id,label,source", ...lines, ""].join("\n"), type: "text/csv" });
    return told(found.labelled + found.unchanged, `labelled ${label}`, found.failed, found.errors[0]?.detail);
  });
  const decide = (verdict, label, said) => act(async () => {
    const results = [];
    for (let at = 0; at < ids.length; at += TOGETHER) {
      const verdicts = ids.slice(at, at + TOGETHER).map((transaction_id) => ({ transaction_id, verdict, label }));
      results.push(...await call("api/v1/database/reviews/verdicts", { method: "POST", body: { verdicts } }).then((found) => found.results, resultsOf));
    }
    const failed = results.filter((one) => one.status === "failed");
    return told(results.length - failed.length, said, failed.length, failed[0]?.error);
  });
  const button = (text, look, run) => html`<button type="button" class="small outline ${look}" disabled=${busy} onClick=${run}>${text}</button>`;
  return html`
    <div class="bulk" role="group" aria-label="Marked payments" aria-busy=${busy ? "true" : undefined}>
      <strong>${plural(ids.length, "payment")} marked</strong>
      ${button("Label fraud", "block", () => put("fraud"))} ${button("Label genuine", "approve", () => put("genuine"))}
      ${button("Decline, fraud", "block", () => decide("decline", "fraud", "declined"))} ${button("Release, genuine", "approve", () => decide("release", "genuine", "released"))}
      ${button("Unmark all", "", clear)}
      ${error && html`<${Fault} error=${error} />`}
    </div>`;
}

const told = (number, what, failed, why) => `${plural(number, "payment")} ${what}${failed ? `, ${plural(failed, "payment")} refused: ${why}` : ""}`;

/** Where every one of a call was refused, each says why. */
function resultsOf(error) {
  if (error instanceof ApiError && error.results.length) return error.results;
  throw error;
}
