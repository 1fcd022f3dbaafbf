// Who changed what: the audit log, by kind and days, page by page, and as a CSV.

import { useState } from "preact/hooks";
import { ApiError, call, query, sent, usePages } from "../api.js";
import { Drawn, Fault, Field, Further, Loaded, Table, Time, download, go, html } from "../element.js";
import { NONE, words } from "../format.js";

const PAGE = 100, EXPORT_PAGE = 1000;
const KINDS = ["policy", "event_type", "rates", "alert_thresholds", "subscriber", "label", "label_file", "verdict", "note", "erasure", "alarm"];
const WHERE = "api/v1/policy/audit";

export function Audit({ route }) {
  const { kind = "", since = "", until = "" } = route.query;
  const set = (changed) => go(["system", "audit"], { kind, since, until, ...changed });
  const day = (name, label, value) => html`<${Field} label=${label}><input type="date" value=${value} onChange=${(event) => set({ [name]: event.target.value })} /></${Field}>`;
  return html`
    <form class="filters" aria-label="Filters" onSubmit=${(event) => event.preventDefault()}><div class="row">
      <${Field} label="Kind"><select onChange=${(event) => set({ kind: event.target.value })}><option value="">any</option>
        ${KINDS.map((one) => html`<option value=${one} selected=${one === kind}>${words(one)}</option>`)}</select></${Field}>
      ${day("since", "From", since)} ${day("until", "Until", until)}</div></form>
    <${Entries} asked=${{ kind, since, until }} title="Who changed what"><${Export} asked=${{ kind, since, until }} /></${Entries}>`;
}

/** The entries of the audit log that pass, newest first. */
export function Entries({ asked, title, children }) {
  const key = JSON.stringify(asked);
  const found = usePages((cursor) => call(`${WHERE}${query({ ...asked, limit: PAGE, cursor })}`), key);
  const rows = found.pages.flatMap((page) => page.entries);
  return html`<section class="panel"><div class="headline"><h2>${title}</h2>${children}</div>
    <${Loaded} of=${found}>${() => html`
      ${rows.length ? html`<${Drawn} key=${key} rows=${rows}>${(drawn) => html`<${Log} title=${title} rows=${drawn} />`}</${Drawn}>` : html`<p class="quiet">Nothing was changed ${Object.values(asked).some(Boolean) ? "of that kind, in those days" : "yet"}.</p>`}
      ${found.cursor !== null && html`<${Further} load=${found.further} />`}`}</${Loaded}></section>`;
}

const Log = ({ title, rows }) => html`<${Table} caption=${title} rows=${rows} columns=${Object.entries({
  When: (one) => html`<${Time} at=${one.at} />`, What: (one) => html`${words(one.kind)} ${words(one.action).toLowerCase()}`, Subject: (one) => html`<span class="id">${one.subject}</span>`, Version: (one) => one.version ?? NONE,
  Who: (one) => html`${one.actor || NONE} <span class="quiet">${one.plan}</span>`, Counts: (one) => Object.entries(one.counts || {}).map(([name, number]) => `${name} ${number}`).join(", ") || NONE,
}).map(([name, cell]) => ({ title: name, cell }))} />`;

/** All entries that pass as one file. */
function Export({ asked }) {
  const [state, setState] = useState({});
  const run = async () => {
    setState({ busy: true });
    try {
      const { allPages } = await import("../csv.js");
      download(await allPages((cursor) => sent(`${WHERE}${query({ ...asked, limit: EXPORT_PAGE, cursor })}`, { accept: "text/csv" })), "audit.csv");
      setState({});
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setState({ error });
    }
  };
  return html`<button type="button" class="small outline" onClick=${run} disabled=${state.busy} aria-busy=${state.busy}>Export as CSV</button>
    ${state.error && html`<${Fault} error=${state.error} again=${run} />`}`;
}
