// Files of payments: drop one, watch its job, read what came out, and label chargebacks from a CSV.

import { useState } from "preact/hooks";
import { ApiError, announce, call, may, path, query, useLoaded } from "../api.js";
import { Badge, Empty, Facts, Fault, Loaded, State, Sure, Table, Time, go, html, plural, to } from "../element.js";
import { count, NONE, words } from "../format.js";

const OVER = new Set(["completed", "failed", "cancelled"]);
const WAITING = { outcome: "review,block", labelled: "false", sort: "expected_loss" }; // what somebody should look at, dearest first
const SHOWN_LINES = 100; // of those that are refused

export default function Files({ route }) {
  const [job] = route.rest;
  return job ? html`<${Job} key=${job} id=${job} />` : html`<${All} />`;
}

function All() {
  const jobs = useLoaded(() => (may("analyst") ? call("api/v1/batch/jobs?limit=50") : Promise.resolve({ jobs: [] })), "jobs", { refreshed: true });
  return html`
    <h1>Files</h1>
    <div class="grid2">
      <${Drop} title="Drop a CSV of payments here" hint="Columns in line 1, as docs/batch.md says. Any size; gzip too." take=${score} />
      ${may("analyst") && html`<${Chargebacks} />`}
    </div>
    ${may("analyst") && html`<${Loaded} of=${jobs}>${(value) => (value.jobs.length ? html`<div class="list"><${Table} caption="Jobs" rows=${value.jobs} keyed=${(one) => one.job_id} columns=${[
      { title: "Status", cell: (one) => html`<${State} of=${one.status} />` },
      { title: "File", cell: (one) => html`<a href=${to(["files", one.job_id])}>${nameOf(one)}</a>` },
      { title: "Created", cell: (one) => html`<${Time} at=${one.created_at} />` },
      { title: "Progress", number: true, cell: (one) => `${Math.round(one.progress)} %` },
      { title: "Scored", number: true, cell: (one) => count(one.processed_items) },
      { title: "Refused", number: true, cell: (one) => count(one.failed_items) },
      { title: "Flagged", number: true, cell: (one) => count(one.results.high_risk_count ?? 0) },
    ]} /></div>` : html`<${Empty} title="No file yet"><p>Drop one above, or put it into the bucket under <code>incoming/</code>.</p></${Empty}>`)}</${Loaded}>`}`;
}

const nameOf = (job) => (job.file || job.job_id).split("/").at(-1) || job.job_id;

/** Where to drop a file, or to choose one by keyboard. `take` says what becomes of it. */
function Drop({ title, hint, take }) {
  const [over, setOver] = useState(false);
  const [state, setState] = useState({});
  const run = async (file) => {
    if (!file) return;
    setState({ busy: file.name });
    try {
      await take(file);
      setState({});
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setState({ error });
    }
  };
  const stop = (event) => event.preventDefault();
  return html`
    <div class="drop ${over ? "over" : ""}" onDragOver=${(event) => { stop(event); setOver(true); }} onDragLeave=${() => setOver(false)}
      onDrop=${(event) => { stop(event); setOver(false); run(event.dataTransfer.files[0]); }}>
      <h2>${title}</h2>
      <label>or choose it<input type="file" accept=".csv,.tsv,.txt,.gz,text/csv" disabled=${Boolean(state.busy)} onChange=${(event) => run(event.target.files[0])} /></label>
      <p class="quiet" aria-busy=${state.busy ? "true" : undefined}>${state.busy ? `Sending ${state.busy}` : hint}</p>
      ${state.error && html`<${Fault} error=${state.error} />`}
    </div>`;
}

/** Puts the file where a presigned link leads, and asks for its job. */
async function score(file) {
  const upload = await call("api/v1/batch/uploads", { method: "POST", body: { file_name: plain(file.name) } });
  let response;
  try {
    response = await fetch(upload.upload_url, { method: upload.method, body: file });
  } catch {
    throw new ApiError({ title: "The file was not taken", detail: "The bucket could not be reached, or it does not allow pages to put files" });
  }
  if (!response.ok) throw new ApiError({ status: response.status, title: "The file was not taken", detail: `The bucket answered ${response.status}` });
  const job = await call("api/v1/batch/jobs", { method: "POST", body: { job_type: "process_csv", data: { s3_key: upload.s3_key } } });
  go(["files", job.job_id]);
}

/** A name that the bucket takes: the file's own, without what is odd in it. */
const plain = (name) => name.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[-._]+/, "").slice(-100) || "payments.csv";

function Job({ id }) {
  const [over, setOver] = useState(false);
  const job = useLoaded(async () => {
    const found = await call(path`api/v1/batch/jobs/${id}`);
    setOver(OVER.has(found.status));
    return found;
  }, id, { refreshed: !over });
  const flagged = useLoaded(() => (over && may("analyst") ? call(`api/v1/database/transactions${query({ ...WAITING, job_id: id, limit: 10 })}`) : Promise.resolve(null)), `${id} ${over}`);
  const cancel = async () => {
    await call(path`api/v1/batch/jobs/${id}`, { method: "DELETE" }).then(() => announce("The job is cancelled; what was stored stays"), (error) => announce(error.message));
    job.again();
  };
  return html`<p class="quiet"><a href=${to("files")}>Files</a> /</p>
    <${Loaded} of=${job}>${(value) => html`
      <div class="headline"><h1>${nameOf(value)}</h1><${State} of=${value.status} />
        <div class="actions">${value.result_url && html`<a role="button" href=${safe(value.result_url)} download>Results</a>`}
          ${value.rejects_url && value.failed_items > 0 && html`<a href=${safe(value.rejects_url)} download>Refused rows</a>`}
          ${value.unstored_url && html`<a href=${safe(value.unstored_url)} download>Not stored</a>`}
          ${!OVER.has(value.status) && html`<${Sure} ask="End it?" act=${cancel}>Cancel the job</${Sure}>`}
          ${!OVER.has(value.status) && html`<button type="button" class="small outline" onClick=${job.again} aria-busy=${job.loading}>Look again</button>`}</div></div>
      ${!OVER.has(value.status) && html`<progress value=${value.progress} max="100" aria-label="Progress">${value.progress} %</progress>`}
      ${value.error_message && html`<${Fault} error=${{ title: "The job failed", message: value.error_message, code: value.error_code }} />`}
      <section class="panel"><h2>Summary</h2><${Facts} of=${[
        ["Rows", count(value.total_items)], ["Done", count(value.processed_items)], ["Refused", count(value.failed_items)],
        ...Object.entries(value.results).filter(([name]) => !["rows", "rejected"].includes(name)).map(([name, number]) => [words(name), count(number)]),
        ["Event type", value.event_type], ["Model", value.model_version || NONE], ["Policy version", value.policy_version || NONE],
        ["Created", html`<${Time} at=${value.created_at} />`], ["Completed", html`<${Time} at=${value.completed_at} />`],
        ["Job", html`<span class="id">${value.job_id}</span>`],
      ]} /></section>`}</${Loaded}>
    ${over && html`<${Loaded} of=${flagged}>${(value) => value?.transactions.length > 0 && html`<section class="panel"><h2>Flagged in this file, dearest first</h2>
      <${Table} caption="Flagged rows" rows=${value.transactions} columns=${[
        { title: "Outcome", cell: (one) => html`<${Badge} of=${one.decision} />` }, { title: "Amount", number: true, cell: (one) => count(one.amount) },
        { title: "Transaction", cell: (one) => html`<a class="id" href=${to(["payments", one.transaction_id])}>${one.transaction_id}</a>` },
        { title: "Label", cell: (one) => one.label || NONE },
      ]} /><p><a href=${to("queue", { outcome: WAITING.outcome, job_id: id })}>Decide them one by one, in the queue</a> · <a href=${to("payments", { ...WAITING, job_id: id })}>All flagged rows of this file</a></p></section>`}</${Loaded}>`}`;
}

/** A link that came from outside is followed only where it is one of the web. */
const safe = (url) => (/^https?:\/\//.test(url) ? url : undefined);

/** A CSV of labels: what it would do is asked and shown before it counts. */
function Chargebacks() {
  const [file, setFile] = useState(null); // {name, text, found}: what was dropped, and what it would do
  const [told, setTold] = useState(null);
  const take = async (given) => {
    setTold(null);
    setFile(null);
    const text = await given.text();
    setFile({ name: given.name, text, found: await sendLabels(text, { dry_run: true }) });
  };
  const record = async () => {
    try {
      setTold({ found: await sendLabels(file.text) });
      setFile(null);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setTold({ error });
    }
  };
  return html`<div>
    <${Drop} title="Chargebacks and other labels" hint="transaction_id,label,source,labelled_at; the label is fraud or genuine" take=${take} />
    ${file && html`<${Tried} name=${file.name} of=${file.found} record=${record} leave=${() => setFile(null)} />`}
    ${told?.error && html`<${Fault} error=${told.error} />`}
    ${told?.found && html`<div class="panel" role="status"><p><strong>${plural(told.found.labelled, "payment")}</strong> labelled, ${count(told.found.unchanged)} said so before, ${count(told.found.failed)} refused.</p>
      <${Refused} lines=${told.found.errors} /></div>`}
  </div>`;
}

const sendLabels = (text, asked = {}) => call(`api/v1/database/labels${query(asked)}`, { method: "POST", text, type: "text/csv" });

/** What a file of labels would do: how many of its lines match, which are unknown or contradict what was said. */
function Tried({ name, of, record, leave }) {
  return html`<section class="panel" aria-label="What the file would do">
    <p><strong>${name}</strong>: ${plural(of.lines, "line")}. Nothing of it counts yet.</p>
    <${Facts} of=${[["Matched", count(of.matched)], ["Said so before", count(of.unchanged)], ["Contradicting", count(of.contradicting)],
      ["Unknown", count(of.unknown)], ["Not readable", count(of.failed - of.unknown)]]} />
    ${of.contradicting > 0 && html`<p>These say otherwise than the label in force, or than an earlier line. They count all the same: the newest label is in force.</p>
      <${Table} caption="Contradicting lines" rows=${of.contradictions} columns=${[
        { title: "Line", number: true, cell: (one) => one.line }, { title: "Transaction", cell: (one) => html`<a class="id" href=${to(["payments", one.transaction_id])}>${one.transaction_id}</a>` },
        { title: "The file says", cell: (one) => html`<${Badge} of=${one.label} />` }, { title: "Said before", cell: (one) => html`<${Badge} of=${one.against} />` }]} />
      <${First} shown=${of.contradictions.length} of=${of.contradicting} />`}
    <${Refused} lines=${of.errors} />
    <div class="row">${of.matched > 0 ? html`<button type="button" class="small" onClick=${record}>Label them</button>` : html`<span class="quiet">There is nothing in it to record.</span>`}
      <button type="button" class="small outline" onClick=${leave}>Leave it</button></div></section>`;
}

const Refused = ({ lines }) => lines.length > 0 && html`<${Table} caption="Refused lines" rows=${lines.slice(0, SHOWN_LINES)} columns=${[
  { title: "Line", number: true, cell: (one) => one.line }, { title: "Transaction", cell: (one) => html`<span class="id">${one.transaction_id}</span>` }, { title: "Why", cell: (one) => one.detail }]} />
  <${First} shown=${Math.min(lines.length, SHOWN_LINES)} of=${lines.length} />`;

const First = ({ shown, of }) => shown < of && html`<p class="quiet">The first ${count(shown)} of ${count(of)}.</p>`;
