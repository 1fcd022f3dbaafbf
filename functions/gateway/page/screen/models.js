// The models of an event type: which one scores, what each was measured to do, and how another takes its place.

import { useState } from "preact/hooks";
import { ApiError, announce, call, may, query, useLoaded } from "../api.js";
import { Empty, Facts, Fault, Field, Loaded, State, Sure, Table, Time, go, html, to, useModule } from "../element.js";
import { NONE, count, percent } from "../format.js";

const OVER = new Set(["completed", "failed"]);
const DAY_MS = 86_400_000, SPAN_DAYS = 30;
const RELEASED = "the release's own model";

const day = (at) => new Date(at).toISOString().slice(0, 10);
const named = (type) => (type === "payment" ? {} : { event_type: type });

export default function Models({ route }) {
  const { event_type: type = "payment", version = "", test = "" } = route.query;
  const ofType = query({ event_type: type });
  const found = useLoaded(() => call(`api/v1/model/versions${query({ event_type: type })}`), type);
  return html`
    <div class="headline"><h1>Models</h1><div class="actions">
      <label class="check"><span>Event type</span> <input value=${type} onChange=${(event) => go("models", { ...named(event.target.value.trim() || "payment") })} /></label></div></div>
    <${Loaded} of=${found}>${({ versions, champion }) => html`
      <section class="panel"><h2>In force: ${champion.version || (type === "payment" ? RELEASED : "none, the policy's rules decide alone")}</h2>
        <p class="quiet">With policy version ${champion.policy_version}. A change is followed by every process within a minute.</p>
        ${may("admin") && versions.some((one) => one.state === "champion") && html`<${RollBack} type=${type} again=${found.again} />`}</section>
      ${versions.length ? html`<section class="panel"><h2>Published</h2><div class="list"><${Table} caption="Published models" rows=${versions} keyed=${(one) => one.sha256} columns=${[
        { title: "Version", cell: (one) => html`<a href=${to("models", { ...named(type), version: one.version })}>${one.version}</a>` },
        { title: "State", cell: (one) => html`<${State} of=${one.state} />` }, { title: "Trained up to", cell: (one) => html`<${Time} at=${one.trained_at} />` },
        { title: "Precision-recall area", number: true, cell: (one) => interval(one.metrics.scores?.model?.auprc) },
        { title: "Payments of its test", number: true, cell: (one) => (one.metrics.test ? count(one.metrics.test.rows) : NONE) }]} /></div></section>`
        : html`<${Empty} title="No model of this event type is published"><p><code>fraudshield model publish DIR</code> does it, of what <code>fraudshield train</code> made.</p></${Empty}>`}
      ${versions.filter((one) => one.version === version).map((one) => html`<${One} key=${one.sha256} model=${one} champion=${champion} type=${type} test=${test} ofType=${ofType} again=${found.again} />`)}`}</${Loaded}>`;
}

const interval = (one) => (one?.value === undefined || one.value === null ? NONE : html`${one.value.toFixed(3)} <span class="quiet">${one.low?.toFixed(3)} to ${one.high?.toFixed(3)}</span>`);

/** One of them: what its training measured, the champion beside it, and the way into force. */
function One({ model, champion, type, test, ofType, again }) {
  const Curves = useModule(() => import("../chart/curves.js"));
  const { scores = {}, test: judged, curves, expected_over_observed: expected } = model.metrics;
  const is = model.state === "champion";
  return html`
    <section class="panel"><div class="headline"><h2>${model.version}</h2> <${State} of=${model.state} /></div>
      <${Facts} of=${[
        judged && ["Judged on", `${count(judged.rows)} later payments, ${count(judged.frauds)} of them fraud (${percent(judged.frauds / judged.rows, 2)})`],
        ...Object.entries(scores).map(([name, one]) => [`${name.replaceAll("_", " ")}: precision-recall area`, interval(one.auprc)]),
        expected?.all && ["Risks add up to so many times the frauds", interval(expected.all)],
        ["Manifest", html`<code>${model.sha256}</code>`]]} />
      ${curves && Curves && html`<div class="grid-even"><${Curves} of=${curves} /></div>`}</section>
    ${!is && html`<${Compared} model=${model} champion=${champion} type=${type} test=${test} ofType=${ofType} again=${again} />`}
    ${!is && may("admin") && html`<${Activate} model=${model} ofType=${ofType} again=${again} />`}`;
}

/** Champion against challenger: what came since it was named stands first, the comparison on history beside it. */
function Compared({ model, champion, type, test, ofType, again }) {
  const Comparison = useModule(() => import("./comparison.js"));
  const [over, setOver] = useState(false);
  const [error, setError] = useState(null);
  const where = `api/v1/model/versions/${encodeURIComponent(model.version)}`;
  const challenges = model.state === "challenger";
  const shadow = useLoaded(() => (challenges ? call(`${where}/shadow${ofType}`) : Promise.resolve(null)), `${model.sha256} ${challenges}`);
  const found = useLoaded(async () => {
    const value = test ? await call(`api/v1/model/comparisons/${test}`) : null;
    setOver(!value || OVER.has(value.status));
    return value;
  }, test, { refreshed: !over });
  const act = tried(setError);
  const start = (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    act(async () => {
      const body = { challenger: model.version, from: `${form.get("from")}T00:00:00Z`, to: `${form.get("to")}T00:00:00Z` };
      const made = await call(`api/v1/model/comparisons${query({ event_type: type })}`, { method: "POST", body });
      go("models", { ...named(type), version: model.version, test: made.comparison_id });
    });
  };
  const challenge = () => act(async () => {
    await call(`${where}/challenge${ofType}`, { method: "POST" });
    announce(`${model.version} is judged beside the model in force from now on`);
    again();
  });
  return html`<div class="grid-even">
    <section class="panel"><h2>Shadow: what came since</h2>
      ${challenges ? html`<${Loaded} of=${shadow}>${(value) => (value?.compared && Comparison ? html`<${Comparison} of=${value} title="Shadow" then="New" />` : html`<p class="quiet">No payment was compared yet.</p>`)}</${Loaded}>`
        : html`<p class="quiet">Only challengers are judged beside the model in force.</p>${may("admin") && html`<button type="button" onClick=${challenge}>Make it a challenger</button>`}`}</section>
    <section class="panel"><h2>Against ${champion.version || RELEASED}, on history</h2>
      <form class="row unprinted" onSubmit=${start}><${Field} label="Payments from"><input name="from" type="date" required value=${day(Date.now() - SPAN_DAYS * DAY_MS)} /></${Field}>
        <${Field} label="Until"><input name="to" type="date" required value=${day(Date.now() + DAY_MS)} /></${Field}><button type="submit">Compare</button></form>
      ${error && html`<${Fault} error=${error} />`}
      <${Loaded} of=${found}>${(value) => value && html`
        ${!OVER.has(value.status) && html`<progress value=${value.progress} max="100" aria-label="Progress"></progress><button type="button" class="small outline" onClick=${found.again}>Look again</button>`}
        ${value.error && html`<${Fault} error=${{ title: "The comparison failed", message: value.error.detail, code: value.error.code }} />`}
        ${value.status === "completed" && html`<p class="verdict"><strong>${value.gate.passes ? "It passes the gate." : `It does not pass the gate: ${value.gate.why_not}`}</strong></p>
          <p class="quiet">At the same share of reviews; ${count(value.trained_on)} payments that it was trained on are left out.</p>
          ${Comparison && html`<${Comparison} of=${value} title="Comparison" then="New" />`}`}`}</${Loaded}></section></div>`;
}

/** Into force: compared lately with what is in force, or by force, which is written down. */
function Activate({ model, ofType, again }) {
  const [error, setError] = useState(null);
  const run = (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    tried(setError)(async () => {
      const policy = Number(form.get("policy"));
      const body = { note: String(form.get("note")), ...(policy ? { policy_version: policy } : {}), ...(form.get("force") ? { force: true } : {}) };
      await call(`api/v1/model/versions/${encodeURIComponent(model.version)}/activate${ofType}`, { method: "POST", body });
      announce(`${model.version} is in force; every process has it within a minute`);
      again();
    });
  };
  return html`<form class="panel unprinted" onSubmit=${run}><h2>Into force</h2><div class="row"><${Field} label="Note: why"><input name="note" required maxlength="200" /></${Field}>
    <${Field} label="Policy version, if another goes with it"><input name="policy" type="number" min="1" step="1" /></${Field}>
    <label class="check"><input type="checkbox" name="force" /> without a comparison; that is written down</label><button type="submit">Put it in force</button></div>
    ${error && html`<${Fault} error=${error} />`}</form>`;
}

function RollBack({ type, again }) {
  const [error, setError] = useState(null);
  const run = () => tried(setError)(async () => {
    const now = await call(`api/v1/model/rollback${query({ event_type: type })}`, { method: "POST", body: {} });
    announce(`${now.version || "What was before"} is in force again`);
    again();
  });
  return html`<${Sure} ask="Put the model before this one in force again?" act=${run}>Roll back</${Sure}>${error && html`<${Fault} error=${error} />`}`;
}

/** Runs a call and shows what the API refuses. */
const tried = (setError) => async (run) => {
  try {
    await run();
    setError(null);
  } catch (refused) {
    if (!(refused instanceof ApiError)) throw refused;
    setError(refused);
  }
};
