// What a text may be: a payment's id, an account or another entity, a file, a request. Exact, and it says where it looked.

import { ApiError, call, may, path, query, useLoaded } from "../api.js";
import { Badge, Empty, Loaded, State, Table, Time, html, to } from "../element.js";
import { money } from "../format.js";

export default function Search({ place }) {
  const text = (place.query.q || "").trim();
  const found = useLoaded(() => look(text), text);
  if (!text) return html`<${Empty} title="Search for what?"><p>A transaction id, an account, <code>entity:value</code>, a job's id or a request id.</p></${Empty}>`;
  return html`<h1>Search: <span class="id">${text}</span></h1>
    <${Loaded} of=${found}>${(value) => html`<${Found} text=${text} of=${value} />`}</${Loaded}>`;
}

/** Looks in three places at once; what is not there is no error. */
async function look(text) {
  const [payment, job, account] = await Promise.all([
    there(call(path`api/v1/database/transactions/${text}`)),
    there(call(path`api/v1/batch/jobs/${text}`)),
    may("analyst") ? there(call(`api/v1/database/transactions${query(byEntity(text))}`)) : null,
  ]);
  return { payment, job, payments: account?.transactions || [] };
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

function Found({ text, of: { payment, job, payments } }) {
  const looked = html`<p class="quiet">Looked in: transaction ids, files${may("analyst") ? ", accounts and entities" : ""}. ${may("analyst") && html`A request id: <a href=${to(["system", "logs"], { q: text })}>look in the logs</a>.`}</p>`;
  if (!payment && !job && !payments.length) return html`<${Empty} title="Nothing is called exactly that"><p>Ids are compared as they are, capitals too.</p></${Empty}>${looked}`;
  return html`
    ${payment && html`<section class="panel"><h2>Payment</h2><p><a class="id" href=${to(["payments", payment.transaction.transaction_id])}>${payment.transaction.transaction_id}</a> · ${money(payment.transaction.amount)} · <${Badge} of=${payment.transaction.decision} /></p></section>`}
    ${job && html`<section class="panel"><h2>File</h2><p><a class="id" href=${to(["files", job.job_id])}>${job.job_id}</a> · <${State} of=${job.status} /></p></section>`}
    ${payments.length > 0 && html`<section class="panel"><h2>Payments of ${text}</h2><${Table} caption="Payments" rows=${payments} columns=${[
      { title: "Outcome", cell: (one) => html`<${Badge} of=${one.decision} />` }, { title: "Amount", number: true, cell: (one) => money(one.amount) },
      { title: "Transaction", cell: (one) => html`<a class="id" href=${to(["payments", one.transaction_id])}>${one.transaction_id}</a>` }, { title: "When", cell: (one) => html`<${Time} at=${one.occurred_at} />` },
    ]} /><p><a href=${to(["entity", ...(text.includes(":") ? [text.split(":")[0], text.split(":").slice(1).join(":")] : ["account", text])])}>What is known of it</a> · <a href=${to("payments", text.includes(":") ? { entity: text } : { account: text })}>All of them</a></p></section>`}
    ${looked}`;
}
