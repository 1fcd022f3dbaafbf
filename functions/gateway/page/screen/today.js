// How it goes: figures against the span before, outcomes over time, the risks, and whether the system is well.

import { useState } from "preact/hooks";
import { ApiError, call, may, query, useLoaded } from "../api.js";
import { Outcomes } from "../chart/outcomes.js";
import { Risks } from "../chart/risks.js";
import { Copy, Empty, Fault, Loaded, go, html, plural, to } from "../element.js";
import { change, count, milliseconds, money, percent, shortTime, words } from "../format.js";

const SPANS = [["1", "today"], ["7", "7 days"], ["30", "30 days"], ["90", "90 days"]];
const CHUNK = 60; // example payments in a call: well within what a busy laptop stores at once

export default function Today({ route }) {
  const { days = "7", by = "day", unit = "count", of = "" } = route.query;
  const figures = useLoaded(() => call(`api/v1/analytics/dashboard-summary${query({ days, ...narrowed(of) })}`), `${days} ${of}`, { refreshed: true });
  const [opened, open] = useState(false); // the choices are asked for by whoever looks at them
  const types = useLoaded(() => (opened && may("analyst") ? call("api/v1/policy/event-types") : Promise.resolve({ event_types: [] })), `types ${opened}`);
  const health = useLoaded(() => Promise.all([call("api/v1/monitoring/metrics?hours=24"), call("api/v1/monitoring/alerts?hours=168")]), "health", { refreshed: true });
  const set = (changed) => go("today", { days, by, unit, of, ...changed });
  return html`
    <div class="headline"><h1>Today</h1>
      <${Choice} label="Of" options=${choices(types.value?.event_types ?? [], of)} value=${of} choose=${(one) => set({ of: one })} opened=${() => open(true)} />
      <div class="actions" role="group" aria-label="Span">${SPANS.map(([code, name]) => html`
        <button type="button" class="small ${code === days ? "" : "outline"}" aria-pressed=${code === days} onClick=${() => set({ days: code })}>${name}</button>`)}</div>
    </div>
    <${Loaded} of=${figures}>${(value) => (!of && empty(value) ? html`<${Nothing} days=${days} again=${figures.again} />` : html`
      <${Figures} of=${value.fraud_trends} />
      <section class="panel">
        <div class="headline"><h2>Outcomes</h2>
          <div class="actions">
            <${Choice} label="Per" options=${[["day", "by day"], ["hour", "by hour of the day"]]} value=${by} choose=${(one) => set({ by: one })} />
            <${Choice} label="As" options=${[["count", "number"], ["money", "money"]]} value=${unit} choose=${(one) => set({ unit: one })} />
          </div></div>
        ${by === "hour" ? html`<${Hours} hours=${value.fraud_trends.hours} unit=${unit} />` : html`<${Outcomes} unit=${unit} rows=${daily(value.fraud_trends.trends, unit)} title="Payments and those held back, by day" />`}
      </section>
      <div class="grid2">
        <section class="panel"><h2>Risks</h2>
          <${Risks} bins=${value.risk_distribution.bins} thresholds=${value.risk_distribution.thresholds} /></section>
        <section class="panel"><h2>How right it was</h2><${Performance} of=${value.model_performance} /></section>
      </div>`)}
    </${Loaded}>
    <section class="panel"><h2>The system, last 24 hours</h2>
      <${Loaded} of=${health}>${([metrics, alerts]) => html`<${Health} metrics=${metrics} alerts=${alerts.alerts} />`}</${Loaded}></section>
    ${figures.value?.fraud_trends.as_of && html`<p class="quiet">Counted up to ${shortTime(figures.value.fraud_trends.as_of)}; online payments and those of queues, by the day on which they happened (UTC). Refreshed every 15 s while you look.</p>`}`;
}

/** What figures are narrowed to: `event_type`, or that with a category field, as `card_payment/channel/web`. */
const narrowed = (of) => {
  const [event_type, field, ...value] = of.split("/");
  return field ? { event_type, [field]: value.join("/") } : { event_type };
};

/** Each event type, and the values of its closed category fields; the one that is asked for even where it is none of them. */
const choices = (types, of) => {
  const closed = ([, one]) => one.kind === "category" && one.values && !one.personal && !one.later;
  const found = types.flatMap((type) => [[type.name, type.name], ...Object.entries({ ...type.inherited, ...type.fields }).filter(closed)
    .flatMap(([field, one]) => one.values.map((value) => [[type.name, field, value].join("/"), `${type.name}: ${field} ${value}`]))]);
  return [["", "all payments"], ...found, ...(of && !found.some(([code]) => code === of) ? [[of, of]] : [])];
};

const empty = ({ fraud_trends: { total, before } }) => total.transactions === 0 && before.transactions === 0;

const Choice = ({ label, options, value, choose, opened }) => html`<select class="narrow" aria-label=${label} onFocus=${opened} onPointerEnter=${opened} onChange=${(event) => choose(event.target.value)}>
  ${options.map(([code, text]) => html`<option value=${code} selected=${code === value}>${text}</option>`)}</select>`;

const share = (part, all) => (all ? part / all : null);

function Figures({ of: { total, before } }) {
  const figures = [
    ["Payments", count(total.transactions), change(total.transactions, before.transactions)],
    ["To review", percent(share(total.reviewed, total.decisions), 2), change(share(total.reviewed, total.decisions), share(before.reviewed, before.decisions))],
    ["Blocked", percent(share(total.blocked, total.decisions), 2), change(share(total.blocked, total.decisions), share(before.blocked, before.decisions))],
    ["Money stopped", money(total.amount_stopped), change(total.amount_stopped, before.amount_stopped)],
    ["Labelled fraud", count(total.labelled_fraud), change(total.labelled_fraud, before.labelled_fraud)],
  ];
  return html`<div class="figures">${figures.map(([name, value, by]) => html`
    <div class="figure"><div class="name">${name}</div><div class="value ${value.length > 9 ? "long" : ""}">${value}</div>
      <div class="quiet">${by === null ? "nothing to compare with" : `${by < 0 ? "▼" : by > 0 ? "▲" : "＝"} ${percent(Math.abs(by), 0)} against the span before`}</div></div>`)}</div>`;
}

const daily = (trends, unit) => trends.map((one) => ({
  name: one.date, short: one.date.slice(5),
  all: unit === "money" ? one.amount : one.transactions,
  review: unit === "money" ? one.amount_reviewed : one.reviewed,
  block: unit === "money" ? one.amount_stopped : one.blocked,
}));

/** Counts of before told by hour only what was flagged, review and block together; such hours are said so. */
function Hours({ hours, unit }) {
  const apart = hours.every((one) => one.reviewed !== null);
  const rows = hours.map((one) => ({
    name: `${String(one.hour).padStart(2, "0")}:00`, short: String(one.hour),
    all: unit === "money" ? one.amount : one.transactions, flagged: one.transactions - one.approved,
    review: unit === "money" ? one.amount_reviewed : one.reviewed, block: unit === "money" ? one.amount_blocked : one.blocked }));
  const parts = apart ? undefined : unit === "money" ? {} : { flagged: "Review or block" };
  return html`<${Outcomes} unit=${unit} title="Payments by hour of the day, UTC" parts=${parts} rows=${rows}
    note=${`Hours are in UTC.${apart ? "" : " This span has days whose counts do not tell review and block apart by hour."}`} />`;
}

const NAMES = { f1: "F1", auprc: "AUPRC" };

function Performance({ of: { models = [], note, labels } }) {
  const [model] = models;
  if (!model) return html`<p>${note || "Nothing was decided by a model in this span."}</p>`;
  const rows = ["precision", "recall", "f1", "auprc", "value_caught"].filter((name) => typeof model[name] === "number");
  return html`${rows.length ? html`<dl class="facts">${rows.map((name) => html`<div><dt>${NAMES[name] || words(name)}</dt><dd>${percent(model[name])}</dd></div>`)}</dl>` : html`<p>${note || "No payment of this span has a label yet: nobody can know how right it was."}</p>`}
    <p class="quiet">${labels ? plural(labels.fraud + labels.genuine, "label") : ""} <a href=${to("payments", { outcome: "review,block", labelled: "false" })}>Label what was flagged</a></p>`;
}

const DRIFT = /drift/i;

function Health({ metrics, alerts }) {
  const latest = metrics.latest;
  const total = (name) => metrics.metrics[name].points.reduce((sum, one) => sum + one.value, 0);
  const open = alerts.filter((one) => one.status !== "resolved");
  const drift = open.filter((one) => DRIFT.test(one.alarm));
  const lights = [
    ["Latency p50", milliseconds(latest.latency_p50)], ["Latency p99", milliseconds(latest.latency_p99)],
    ["Requests", count(total("requests"))], ["Errors", light(total("errors"))],
    ["Services down", light(latest.unhealthy_services)], [html`<a href=${to(["runbook", "DeadLetters"])} title="Messages that were given up and wait in a dead-letter queue: what to do">Dead letters</a>`, light(latest.dead_letters)],
    ["Degraded answers", light(total("degraded_answers"))],
    ["Open alarms", html`<a href=${to(["system", "alarms"])}>${light(open.length)}</a>`],
    ["Drift", drift.length ? html`<span class="badge block">✕ ${drift.map((one) => one.alarm).join(", ")}</span>` : html`<span class="badge approve">✓ no alarm</span>`],
  ];
  return html`<dl class="facts">${lights.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

const light = (number) => (number ? html`<span class="badge block">✕ ${count(number)}</span>` : html`<span class="badge approve">✓ ${number === null || number === undefined ? "none" : "0"}</span>`);

/** Nothing was ever scored: three ways to change that. */
function Nothing({ days, again }) {
  const [state, setState] = useState({});
  const run = async () => {
    setState({ done: 0 });
    try {
      await sendExamples((done, all) => setState({ done, all }));
      setState({ over: true });
      setTimeout(again, 2500); // counters follow the table
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setState({ error });
    }
  };
  return html`<${Empty} title=${`No payment in the last ${days === "1" ? "day" : `${days} days`} and before that`}>
    ${state.error && html`<${Fault} error=${state.error} again=${run} />`}
    <p><button type="button" onClick=${run} disabled=${state.done !== undefined || state.over} aria-busy=${state.done !== undefined}>
      ${state.over ? "They are decided" : state.done === undefined ? "Score 1,200 example payments" : `${count(state.done)} of ${count(state.all)}`}</button></p>
    ${state.done !== undefined && html`<progress value=${state.done} max=${state.all || 1200}></progress>`}
    <p>or <a href=${to("files")}>drop a CSV</a>, or <a href=${to("try")}>score one by hand</a>, or from a shell:</p>
    <p><${Copy} text=${CURL()}>Copy the curl</${Copy}></p>
  </${Empty}>`;
}

const CURL = () => `curl -s "${new URL("api/v1/score", new URL(".", document.baseURI))}" -H "X-API-Key: $TEST_API_KEY" -H "Content-Type: application/json" -d '{"transactions": [
  {"transaction_id": "test_123", "step": 1, "type": "PAYMENT", "amount": 1000.0, "nameOrig": "C123456789", "oldbalanceOrg": 5000.0,
   "newbalanceOrig": 4000.0, "nameDest": "M987654321", "oldbalanceDest": 0.0, "newbalanceDest": 0.0}]}'`;

/** The example payments, one every five minutes up to now. */
async function sendExamples(tell) {
  const text = await (await fetch(new URL("../vendor/example.csv", import.meta.url))).text();
  const [head, ...lines] = text.trim().split(/\r?\n/).map((line) => line.split(","));
  const began = Date.now() - lines.length * 300_000;
  const texts = new Set(["transaction_id", "type", "nameOrig", "nameDest"]);
  const payments = lines.map((cells, index) => ({
    transaction_id: `example-${began.toString(36)}-${index + 1}`, // of its own: others may have been stored before
    ...Object.fromEntries(head.map((name, at) => [name, texts.has(name) ? cells[at] : Number(cells[at])]).filter(([name]) => name !== "isFraud" && name !== "transaction_id")),
    occurred_at: new Date(began + index * 300_000).toISOString(),
  }));
  for (let at = 0; at < payments.length; at += CHUNK) {
    tell(at, payments.length);
    await call("api/v1/score", { method: "POST", body: { transactions: payments.slice(at, at + CHUNK) } });
  }
}
