// What a text may be: a payment's id, an account or another entity, a file, a request. Exact, and it says where it looked.

import { useState } from "preact/hooks";
import { ApiError, call, may, path, query, useLoaded } from "../api.js";
import { Badge, Empty, Loaded, State, Table, Time, html, to } from "../element.js";
import { money } from "../format.js";

export default function Search({ route }) {
  const text = (route.query.q || "").trim();
  const found = useLoaded(() => look(text), text);
  if (!text) return html`<${Empty} title="Search for what?"><p>A transaction id, an account, <code>entity:value</code>, a job's id or a request id.</p></${Empty}>`;
  return html`<h1>Search: <span class="id">${text}</span></h1>
    <${Loaded} of=${found}>${(value) => html`<${Found} text=${text} of=${value} />`}</${Loaded}>`;
}

const JOB = /^job-[0-9a-f]{32}$/; // as jobs are called; what is no job may be a request
const REQUEST = /^[!-~]{1,128}$/;

/** Looks for three kinds of thing at most at once; what is not there is no error. */
async function look(text) {
  const isJob = JOB.test(text), isRequest = !isJob && REQUEST.test(text) && may("analyst");
  const [payment, job, account, logged] = await Promise.all([
    there(call(path`api/v1/database/transactions/${text}`)),
    isJob ? there(call(path`api/v1/batch/jobs/${text}`)) : null,
    may("analyst") ? there(call(`api/v1/database/transactions${query(byEntity(text))}`)) : null,
    isRequest ? there(call(`api/v1/database/logs${query({ request_id: text, limit: 20 })}`)) : null,
  ]);
  const looked = ["transaction ids", isJob && "files", account && "accounts and entities", isRequest && "requests in the logs of the last day"];
  return { payment, job, payments: account?.transactions || [], logs: logged?.logs || [], earlier: Boolean(logged?.next_cursor), looked: looked.filter(Boolean) };
}

const byEntity = (text) => {
  const [, name, value] = /^([a-z][a-z0-9_]*):(.+)$/.exec(text) || [];
  return { ...(name ? { entity: `${name}:${encodeURIComponent(value)}` } : { account: text }), limit: 20 };
};

async function there(asked) {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiError && [400, 404, 422].includes(error.status)) return null;
    throw error;
  }
}

const MOST_ENTITIES = 4;

/** Whether a device, a card or another thing that event types name is called so. It is asked for by hand: a call for each. */
function Others({ text }) {
  const [asked, setAsked] = useState(false);
  const found = useLoaded(() => (asked ? others(text) : Promise.resolve(null)), `${text} ${asked}`);
  if (!asked) return html`<button type="button" class="outline" onClick=${() => setAsked(true)}>Look among devices, cards and other things</button>`;
  return html`<${Loaded} of=${found}>${(value) => value && html`
    ${value.known.length > 0 && html`<section class="panel"><h2>Found</h2><ul>${value.known.map((name) => html`<li><a class="id" href=${to(["entity", name, text])}>${name}:${text}</a> · <a href=${to("payments", { entity: `${name}:${text}` })}>its payments</a></li>`)}</ul></section>`}
    <p class="quiet" role="status">${value.names.length ? `Looked among: ${value.names.join(", ")}. ${value.known.length ? "" : "Nothing there."}` : "No event type names other things than accounts."}</p>`}</${Loaded}>`;
}

async function others(text) {
  const { event_types: types } = await call("api/v1/policy/event-types");
  const named = types.flatMap((type) => Object.entries(type.fields).filter(([, one]) => one.entity && !one.busy).map(([name, one]) => (one.entity === true ? name : one.entity)));
  const names = [...new Set(named)].filter((name) => name !== "account").slice(0, MOST_ENTITIES);
  const pages = await Promise.all(names.map((name) => there(call(`api/v1/database/transactions${query({ ...byEntity(`${name}:${text}`), limit: 1 })}`))));
  return { names, known: names.filter((_, at) => pages[at]?.transactions.length) };
}

function Found({ text, of: { payment, job, payments, logs, earlier, looked } }) {
  const said = html`<p class="quiet">Looked in: ${looked.join(", ")}. ${may("analyst") && html`<a href=${to(["system", "logs"], { request_id: text, days: 30 })}>Look in older logs</a>`}</p>`;
  if (!payment && !job && !payments.length && !logs.length) return html`<${Empty} title="Nothing is called exactly that"><p>Ids are compared as they are, capitals too.</p></${Empty}>${said}${may("analyst") && !text.includes(":") && html`<${Others} key=${text} text=${text} />`}`;
  return html`
    ${payment && html`<section class="panel"><h2>Payment</h2><p><a class="id" href=${to(["payments", payment.transaction.transaction_id])}>${payment.transaction.transaction_id}</a> · ${money(payment.transaction.amount)} · <${Badge} of=${payment.transaction.decision} /></p></section>`}
    ${job && html`<section class="panel"><h2>File</h2><p><a class="id" href=${to(["files", job.job_id])}>${job.job_id}</a> · <${State} of=${job.status} /></p></section>`}
    ${payments.length > 0 && html`<section class="panel"><h2>Payments of ${text}</h2><${Table} caption="Payments" rows=${payments} columns=${[
      { title: "Outcome", cell: (one) => html`<${Badge} of=${one.decision} />` }, { title: "Amount", number: true, cell: (one) => money(one.amount) },
      { title: "Transaction", cell: (one) => html`<a class="id" href=${to(["payments", one.transaction_id])}>${one.transaction_id}</a>` }, { title: "When", cell: (one) => html`<${Time} at=${one.occurred_at} />` },
    ]} /><p><a href=${to(["entity", ...(text.includes(":") ? [text.split(":")[0], text.split(":").slice(1).join(":")] : ["account", text])])}>What is known of it</a> · <a href=${to("payments", text.includes(":") ? { entity: text } : { account: text })}>All of them</a></p></section>`}
    ${logs.length > 0 && html`<section class="panel"><h2>Logged of this request</h2><${Table} caption="Log entries" rows=${logs} columns=${[
      { title: "Level", cell: (one) => one.level }, { title: "When", cell: (one) => html`<${Time} at=${one.timestamp} />` }, { title: "Service", cell: (one) => one.service }, { title: "Message", cell: (one) => one.message },
    ]} /><p><a href=${to(["system", "logs"], { request_id: text })}>All of it, with details${earlier ? "; there is more" : ""}</a></p></section>`}
    ${said}`;
}
