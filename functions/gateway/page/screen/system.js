// The system itself, a tab for each of its parts. A tab is offered where the key's scope allows it.

import { useMemo, useState } from "preact/hooks";
import { ApiError, announce, call, forgetPolicy, may, path, policyInForce, query, useLoaded, usePages } from "../api.js";
import { ThresholdBar } from "../chart/threshold_bar.js";
import { Badge, Drawn, Empty, Facts, Fault, Field, Further, Json, Loaded, State, Sure, Table, Tabs, Time, html, to, useModule } from "../element.js";
import { count, milliseconds, NONE, percent, words } from "../format.js";
import { Audit, Entries } from "./audit.js";

const TABS = {
  services: { title: "Services", scope: "score", View: Services },
  alarms: { title: "Alarms", scope: "analyst", View: Alarms },
  mails: { title: "Mails", scope: "analyst", View: Mails },
  logs: { title: "Logs", scope: "analyst", View: Logs },
  usage: { title: "Calls", scope: "analyst", View: Usage },
  policy: { title: "Policy", scope: "analyst", View: Policy },
  types: { title: "Event types", scope: "analyst", View: Types },
  model: { title: "Model", scope: "score", View: Model },
  subscribers: { title: "Subscribers", scope: "admin", View: Subscribers },
  audit: { title: "Audit", scope: "admin", View: Audit },
};

export default function System({ route }) {
  const [name = "services"] = route.rest;
  const tab = TABS[name];
  const offered = Object.entries(TABS).filter(([, one]) => may(one.scope));
  return html`
    <h1>System</h1>
    <${Tabs} label="Parts of the system" at=${name} of=${offered.map(([code, one]) => [code, one.title, to(["system", code])])} />
    ${!tab ? html`<${Empty} title="There is no such part" />` : may(tab.scope) ? html`<${tab.View} key=${name} route=${route} />`
      : html`<${Empty} title=${tab.title}><p>It takes a key with the scope ${tab.scope}.</p></${Empty}>`}`;
}

const columns = (of) => Object.entries(of).map(([title, cell]) => ({ title, cell }));

function Services() {
  const found = useLoaded(() => call("services/status"), "status", { refreshed: true });
  return html`<${Loaded} of=${found}>${(value) => html`
    <p>All in all: <${State} of=${value.gateway_status} /> <span class="quiet">asked <${Time} at=${value.timestamp} /></span></p>
    <div class="list"><${Table} caption="Services" rows=${Object.entries(value.services)} columns=${columns({
      Service: ([name]) => name, State: ([, one]) => html`<${State} of=${one.status} />`,
      "Response time": ([, one]) => milliseconds(one.response_time * 1000), Detail: ([, one]) => one.detail || NONE })} /></div>`}</${Loaded}>`;
}

function Alarms() {
  const found = useLoaded(() => call("api/v1/monitoring/alerts?hours=168"), "alerts", { refreshed: true });
  const acknowledge = async (id) => {
    await call(path`api/v1/monitoring/alerts/${id}/acknowledge`, { method: "POST", body: {} }).then(() => announce("Somebody looks after it now: you"), (error) => announce(error.message));
    found.again();
  };
  return html`<${Loaded} of=${found}>${(value) => (value.alerts.length ? html`<div class="list"><${Table} caption="Alarms of the last week" rows=${value.alerts} columns=${columns({
    Severity: (one) => html`<span class="badge ${one.severity === "critical" ? "block" : "review"}">${one.severity === "critical" ? "✕" : "!"} ${one.severity}</span>`,
    Alarm: (one) => html`<strong>${one.alarm}</strong><br /><a href=${to(["runbook", one.alarm])}>What to do</a>`,
    State: (one) => html`${one.status}`, Since: (one) => html`<${Time} at=${one.opened_at} />`, Until: (one) => html`<${Time} at=${one.closed_at} />`, Detail: (one) => one.detail,
    "": (one) => one.status === "open" && html`<button type="button" class="small outline" onClick=${() => acknowledge(one.id)}>I look after it</button>` })} /></div>`
    : html`<${Empty} title="No alarm went off in the last week"><p>What each would mean stands in the <a href=${to("runbook")}>runbook</a>.</p></${Empty}>`)}</${Loaded}>`;
}

function Mails() {
  const found = useLoaded(() => Promise.all([call("api/v1/notifications/history?limit=100"), call("api/v1/notifications/stats"), call("api/v1/notifications/thresholds")]), "mails");
  return html`<${Loaded} of=${found}>${([history, stats, thresholds]) => html`
    <section class="panel"><h2>When people are told</h2><${Facts} of=${[
      ["From risk", percent(thresholds.alert_risk)], ["Critical from", percent(thresholds.critical_risk)], ["Always for", thresholds.always.join(", ") || NONE],
      ["Mails an hour", thresholds.mails_per_hour], ["Version", thresholds.version], ["Alerts in 30 days", count(stats.alerts)],
      ["Confirmed subscribers", count(stats.subscribers.confirmed)], ...Object.entries(stats.mails).map(([status, number]) => [`Mails ${status}`, count(number)])]} /></section>
    ${history.history.length ? html`<div class="list"><${Table} caption="Mails" rows=${history.history} columns=${columns({
      Status: (one) => html`<${State} of=${one.status} />`, To: (one) => one.recipient, Kind: (one) => words(one.kind), Alerts: (one) => count(one.alerts),
      Created: (one) => html`<${Time} at=${one.created_at} />`, Sent: (one) => html`<${Time} at=${one.sent_at} />`, Why: (one) => one.reason || NONE })} /></div>`
      : html`<${Empty} title="No mail yet"><p>${may("admin") ? html`<a href=${to(["system", "subscribers"])}>Subscribe somebody</a> first.` : "An admin subscribes people."}</p></${Empty}>`}`}</${Loaded}>`;
}

const LOG_PAGE = 100;
const LOG_DAYS = [["1", "a day"], ["7", "a week"], ["30", "30 days"]];

/** Warnings and errors of all services, or of one request: by our id, or by the one that its caller gave. */
function Logs({ route }) {
  const { request_id: id = "", level = "WARNING", service = "", days = "1" } = route.query;
  const filters = { request_id: id, level, service, days };
  const set = (changed) => { location.hash = to(["system", "logs"], { ...filters, ...changed }); };
  const key = JSON.stringify(filters);
  const since = useMemo(() => new Date(Date.now() - Number(days) * 86_400_000).toISOString(), [key]); // a cursor is good for the same moment only
  const found = usePages((cursor) => call(`api/v1/database/logs${query({ request_id: id, level, service, since, limit: LOG_PAGE, cursor })}`), key);
  const rows = found.pages.flatMap((page) => page.logs);
  const options = (of, now) => of.map(([code, text]) => html`<option value=${code} selected=${code === now}>${text}</option>`);
  return html`
    <form class="filters" aria-label="Filters" onSubmit=${(event) => event.preventDefault()}><div class="row">
      <${Field} label="Request id"><input type="search" value=${id} onChange=${(event) => set({ request_id: event.target.value.trim() })} /></${Field}>
      <${Field} label="Level"><select onChange=${(event) => set({ level: event.target.value })}>${options([["WARNING", "warnings too"], ["ERROR", "errors"]], level)}</select></${Field}>
      <${Field} label="Service"><input value=${service} onChange=${(event) => set({ service: event.target.value.trim() })} /></${Field}>
      <${Field} label="Of the last"><select onChange=${(event) => set({ days: event.target.value })}>${options(LOG_DAYS, days)}</select></${Field}></div></form>
    <${Loaded} of=${found}>${() => html`
      ${rows.length ? html`<div class="list"><${Drawn} key=${key} rows=${rows}>${(drawn) => html`<${LogEntries} rows=${drawn} />`}</${Drawn}></div>`
        : html`<${Empty} title=${found.cursor !== null ? "None among those looked at so far" : id ? `Nothing was logged of ${id}` : "No warning"}>
            <p>${found.cursor !== null ? "The list goes on below." : "A request that went well leaves no entry. Look further back, or at another service."}</p></${Empty}>`}
      ${found.cursor !== null && html`<${Further} load=${found.further}>Look further back</${Further}>`}`}</${Loaded}>`;
}

const LogEntries = ({ rows }) => html`<${Table} caption="Log entries" rows=${rows} keyed=${(one) => one.id} columns=${columns({
  Level: (one) => html`<span class="badge ${one.level === "WARNING" ? "review" : "block"}">${one.level === "WARNING" ? "!" : "✕"} ${one.level}</span>`, When: (one) => html`<${Time} at=${one.timestamp} />`, Service: (one) => one.service,
  Message: (one) => html`${one.message}<details><summary>Details</summary><${Json} of=${one.details} /></details>`, Request: (one) => html`<${Request} id=${one.request_id || one.function_request_id} />` })} />`;

const Request = ({ id }) => (id ? html`<a class="id plain" href=${to(["system", "logs"], { request_id: id })} title=${id}>${id}</a>` : NONE);

function Usage() {
  const found = useLoaded(() => call("api/v1/database/performance"), "performance");
  return html`<${Loaded} of=${found}>${(value) => html`<div class="list"><${Table} caption="Calls of the last day" rows=${value.routes} columns=${[
    { title: "Route", cell: (one) => html`<code>${one.method} ${one.route}</code>` },
    ...[["Calls", "calls"], ["Refused", "client_errors"], ["Throttled", "throttled"], ["Errors", "errors"]].map(([title, name]) => ({ title, number: true, cell: (one) => count(one[name]) })),
    ...["p50_ms", "p95_ms", "p99_ms"].map((name) => ({ title: name.slice(0, 3), number: true, cell: (one) => milliseconds(one[name]) }))]} /></div>`}</${Loaded}>`;
}

function Policy({ route }) {
  const { event_type: type = "payment" } = route.query;
  const [saved, setSaved] = useState(0);
  const found = useLoaded(() => policyInForce(type), `${type} ${saved}`);
  return html`<${Loaded} of=${found}>${(value) => html`
    <section class="panel"><h2>In force: version ${value.version}</h2>
      <${ThresholdBar} thresholds=${value.thresholds} />
      <${Facts} of=${[["Review from", percent(value.thresholds.review, 2)], ["Block from", percent(value.thresholds.block, 2)], ["Since", html`<${Time} at=${value.created_at} />`], ["By", value.created_by || NONE], ["Note", value.note || NONE]]} /></section>
    ${value.conditions.length > 0 ? html`<section class="panel"><h2>Conditions</h2><${Table} caption="Conditions" rows=${value.conditions} columns=${columns({
      Code: (one) => html`<code>${one.code}</code>`, Outcome: (one) => html`<${Badge} of=${one.outcome} />`, When: (one) => html`<code>${typeof one.when === "string" ? one.when : JSON.stringify(one.when)}</code>` })} /></section>`
      : html`<p class="quiet">No conditions: the thresholds alone decide.</p>`}
    ${may("admin") && html`<${Thresholds} key=${value.version} policy=${value} type=${type} done=${() => setSaved(saved + 1)} />`}`}</${Loaded}>
    ${may("admin") && html`<${Entries} key=${saved} asked=${{ kind: "policy" }} title="Its history" />`}`;
}

function Thresholds({ policy, type, done }) {
  const [error, setError] = useState(null);
  const put = async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const { conditions } = policy;
    const body = { based_on: policy.version, conditions, note: String(form.get("note")), thresholds: { review: Number(form.get("review")), block: Number(form.get("block")) } };
    try {
      const next = await call(`api/v1/model/policy${query({ event_type: type === "payment" ? "" : type })}`, { method: "PUT", body });
      announce(`Version ${next.version} is in force; every process has it within a minute`);
      forgetPolicy();
      done();
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      setError(refused);
    }
  };
  return html`<form class="panel" onSubmit=${put}><h2>The next version</h2>
    <div class="row"><${Field} label="Review from"><input name="review" type="number" step="any" min="0" max="1" required value=${policy.thresholds.review} /></${Field}>
      <${Field} label="Block from"><input name="block" type="number" step="any" min="0" max="1" required value=${policy.thresholds.block} /></${Field}>
      <${Field} label="Note: why"><input name="note" maxlength="200" /></${Field}><button type="submit">Put it in force</button></div>
    ${error && html`<${Fault} error=${error} />`}</form>`;
}

function Types() {
  const found = useLoaded(() => call("api/v1/policy/event-types"), "types");
  return html`<${Loaded} of=${found}>${(value) => value.event_types.map((type) => html`
    <section class="panel"><h2>${type.name} <span class="quiet">version ${type.version}${type.extends ? `, extends ${type.extends}` : ""}</span></h2>
      <${Table} caption=${`Fields of ${type.name}`} rows=${Object.entries(type.fields)} columns=${columns({
        Field: ([name]) => html`<code>${name}</code>`, Kind: ([, one]) => one.kind, Required: ([, one]) => (one.required ? "yes" : NONE), Role: ([, one]) => one.role || NONE,
        Entity: ([name, one]) => (one.entity === true ? name : one.entity) || NONE, Personal: ([, one]) => (one.personal ? "yes" : NONE), Values: ([, one]) => one.values?.join(", ") || NONE })} />
      <details><summary>The document</summary><${Json} of=${type} /></details></section>`)}</${Loaded}>`;
}

const MEASURES = ["auprc", "recall_at_0_1_percent", "recall_at_0_5_percent", "amount_caught_at_0_5_percent", "recall_at_precision_90", "brier", "ece"];

function Model() {
  const Curves = useModule(() => import("../chart/curves.js"));
  const found = useLoaded(() => call("api/v1/model/model/info"), "model");
  return html`<${Loaded} of=${found}>${(value) => html`
    <section class="panel"><h2>The model that decides</h2><${Facts} of=${[["Version", value.model_version], ["Kind", value.model_type], ["Trained", html`<${Time} at=${value.trained_at} />`], ["Loaded", html`<${Time} at=${value.loaded_at} />`],
      ["Features", (value.feature_columns || []).map(words).join(", ")], ["sha256", html`<span class="id">${value.sha256}</span>`]]} /></section>
    ${value.metrics?.scores && html`<section class="panel"><h2>How good it is on the data it was tested on</h2><${Table} caption="Measures beside baselines" rows=${Object.entries(value.metrics.scores)} columns=${[
      { title: "What", cell: ([name]) => words(name) },
      ...MEASURES.map((name) => ({ title: words(name), number: true, cell: ([, one]) => (one[name] ? html`<span title=${`${one[name].low} to ${one[name].high}`}>${one[name].value.toFixed(3)}</span>` : NONE) }))]} />
      ${value.metrics.curves && Curves && html`<div class="grid-even"><${Curves} of=${value.metrics.curves} /></div>`}
      <p class="quiet">${value.metrics.protocol}</p></section>`}`}</${Loaded}>`;
}

function Subscribers() {
  const found = useLoaded(() => call("api/v1/notifications/subscribers"), "subscribers");
  const [error, setError] = useState(null);
  const act = async (where, options, said) => {
    try {
      await call(where, options);
      setError(null);
      announce(said);
      found.again();
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      setError(refused);
    }
  };
  const add = (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const body = { notification_type: form.get("type"), contact: { name: form.get("name"), email: form.get("email") } };
    act("api/v1/notifications/subscribers", { method: "POST", body }, "A mail with a link to confirm is on its way");
  };
  return html`
    <form class="panel" onSubmit=${add}><h2>Subscribe somebody</h2><div class="row">
      <${Field} label="Name"><input name="name" required maxlength="100" /></${Field}><${Field} label="Mail address"><input name="email" type="email" required /></${Field}>
      <${Field} label="About"><select name="type"><option value="high_risk_alerts">payments at high risk</option><option value="system_alerts">the system</option></select></${Field}>
      <button type="submit">Subscribe</button></div></form>
    ${error && html`<${Fault} error=${error} />`}
    <${Loaded} of=${found}>${(value) => (value.subscribers.length ? html`<div class="list"><${Table} caption="Subscribers" rows=${value.subscribers} columns=${columns({
      Name: (one) => one.contact.name, Address: (one) => one.contact.email, About: (one) => words(one.notification_type), State: (one) => html`<${State} of=${one.standing} />`, From: (one) => one.severity, Since: (one) => html`<${Time} at=${one.created_at} />`,
      "": (one) => html`<${Sure} ask="End it?" act=${() => act(path`api/v1/notifications/subscribers/${one.subscriber_id}`, { method: "DELETE" }, "The subscription is ended")}>End</${Sure}>` })} /></div>`
      : html`<${Empty} title="Nobody is subscribed"><p>Add somebody above: they get a mail and confirm it.</p></${Empty}>`)}</${Loaded}>`;
}
