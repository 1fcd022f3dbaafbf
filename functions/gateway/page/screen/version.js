// A version of a policy: what it says, how it would decide beside what is in force, and how it comes into force.

import { useState } from "preact/hooks";
import { ApiError, announce, call, content, may, query, useLoaded } from "../api.js";
import { ThresholdBar } from "../chart/threshold_bar.js";
import { Badge, Facts, Fault, Field, Json, Loaded, State, Sure, Table, Time, go, html, to, useModule } from "../element.js";
import { NONE, lost, percent, spelled } from "../format.js";
import Breaker from "./breaker.js";

const OVER = new Set(["completed", "failed"]);
const DAY_MS = 86_400_000, SPAN_DAYS = 30;

export default function Version({ route }) {
  const [number] = route.rest, { event_type: type = "payment", test = "" } = route.query;
  const ofType = query({ event_type: type });
  const where = `api/v1/policy/versions/${number}`;
  const found = useLoaded(() => call(`${where}${ofType}`), `${type} ${number}`);
  return html`<p class="quiet"><a href=${to("rules", type === "payment" ? {} : { event_type: type })}>Rules</a> /</p>
    <${Loaded} of=${found}>${(value) => html`
      <div class="headline"><h1>Version ${value.version}</h1><${State} of=${value.state} /> <span class="quiet">${value.note}</span>
        <div class="actions"><button type="button" class="small outline" onClick=${() => print()}>Print</button></div></div>
      <${Breaker} type=${type} />
      ${value.based_on && html`<${Difference} from=${value.based_on} number=${number} type=${type} digest=${value.digest} />`}
      ${["draft", "shadow"].includes(value.state) && html`<${Beside} test=${test} value=${value} where=${where} ofType=${ofType} type=${type} />`}
      ${["draft", "shadow"].includes(value.state) && may("admin") ? html`<${Draft} key=${value.digest} value=${value} where=${where} ofType=${ofType} type=${type} again=${found.again} />` : html`<${Says} value=${value} />`}
      ${value.state !== "active" && may("admin") && html`<${Activate} where=${where} ofType=${ofType} value=${value} again=${found.again} />`}
      <p class="signatures">Approved by: <span></span> <span></span> <span></span></p>`}</${Loaded}>`;
}

/** What it says that the version before it does not. */
function Difference({ from, number, type, digest }) {
  const found = useLoaded(() => call(`api/v1/policy/versions/${from}/difference${query({ event_type: type, to: number })}`), digest);
  return html`<section class="panel"><h2>Against version ${from}</h2><${Loaded} of=${found}>${({ added, removed, changed, settings, reordered }) => html`
    ${![added, removed, changed, settings].some((one) => one.length) && !reordered && html`<p class="quiet">It says the same.</p>`}
    <${Facts} of=${[added.length > 0 && ["Rules added", added.join(", ")], removed.length > 0 && ["Rules gone", removed.join(", ")], reordered && ["Order", "rules stand in another order"]]} />
    ${[...changed, ...settings].length > 0 && html`<${Table} caption="Changed" rows=${[...changed, ...settings]} columns=${[
      { title: "What", cell: (one) => html`<code>${one.what}</code>` }, { title: "Before", cell: (one) => html`<code>${text(one.before)}</code>` }, { title: "After", cell: (one) => html`<code>${text(one.after)}</code>` }]} />`}`}</${Loaded}></section>`;
}

const text = (value) => (value === null ? NONE : typeof value === "string" ? value : JSON.stringify(value));

/** The shadow, which no author has seen before, stands first; the test on history beside it. */
function Beside({ test, value, where, ofType, type }) {
  const shadow = useLoaded(() => call(`${where}/shadow${ofType}`).catch((error) => { if (error.status === 404) return null; throw error; }), value.digest, { refreshed: true });
  const Comparison = useModule(() => import("./comparison.js"));
  return html`<div class="grid-even">
    <section class="panel"><h2>Shadow: what came since</h2><${Loaded} of=${shadow}>${(found) => (found?.compared && Comparison ? html`<${Comparison} of=${found} title="Shadow" />` : html`<p class="quiet">No payment was compared yet. The three newest drafts are compared with every decision, a minute after it.</p>`)}</${Loaded}></section>
    <section class="panel"><h2>Test on history</h2><${Test} id=${test} value=${value} where=${where} ofType=${ofType} type=${type} /></section></div>`;
}

const day = (at) => new Date(at).toISOString().slice(0, 10);

function Test({ id, value, where, ofType, type }) {
  const Comparison = useModule(() => import("./comparison.js"));
  const [over, setOver] = useState(false);
  const [error, setError] = useState(null);
  const test = useLoaded(async () => {
    const found = id ? await call(`api/v1/policy/backtests/${id}`) : null;
    setOver(!found || OVER.has(found.status));
    return found;
  }, id, { refreshed: !over });
  const start = async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    try {
      const made = await call(`${where}/backtests${ofType}`, { method: "POST", body: { from: `${form.get("from")}T00:00:00Z`, to: `${form.get("to")}T00:00:00Z` } });
      setError(null);
      go(["rules", value.version], { ...(type === "payment" ? {} : { event_type: type }), test: made.backtest_id });
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      setError(refused);
    }
  };
  return html`
    <form class="row unprinted" onSubmit=${start}><${Field} label="Payments from"><input name="from" type="date" required value=${day(Date.now() - SPAN_DAYS * DAY_MS)} /></${Field}>
      <${Field} label="Until"><input name="to" type="date" required value=${day(Date.now() + DAY_MS)} /></${Field}><button type="submit">Test it</button></form>
    ${error && html`<${Fault} error=${error} />`}
    <${Loaded} of=${test}>${(found) => found && html`
      ${!OVER.has(found.status) && html`<progress value=${found.progress} max="100" aria-label="Progress"></progress><button type="button" class="small outline" onClick=${test.again}>Look again</button>`}
      ${found.error && html`<${Fault} error=${{ title: "The test failed", message: found.error.detail, code: found.error.code }} />`}
      ${found.digest !== value.digest && html`<p class="fault">The draft was changed since: this test is of what it said before.</p>`}
      ${found.status === "completed" && Comparison && html`<${Comparison} of=${found} title="Test" />`}`}</${Loaded}>`;
}

/** What a version says, for reading. */
const Says = ({ value }) => html`<section class="panel"><h2>What it says</h2><${ThresholdBar} thresholds=${value.thresholds} />
  ${value.rules.length > 0 && html`<${Table} caption="Rules" rows=${value.rules} columns=${[
    { title: "Rule", cell: (one) => html`<code>${one.code}</code>` }, { title: "Gives", cell: (one) => html`<${Badge} of=${one.outcome} />` }, { title: "When", cell: (one) => html`<code>${spelled(one.when)}</code>` },
    { title: "Until", cell: (one) => html`<${Time} at=${one.expires_at} />` }]} />`}
  <details><summary>All of it</summary><${Json} of=${value} /></details></section>`;

/** A draft is changed as a whole, if it still is what was read. */
function Draft({ value, where, ofType, type, again }) {
  const [rules, setRules] = useState(value.rules);
  const [thresholds, setThresholds] = useState(value.thresholds);
  const RuleForm = useModule(() => import("./rule_form.js"));
  const [error, setError] = useState(null);
  const act = async (options, said, after) => {
    try {
      await call(`${where}${ofType}`, options);
      announce(said);
      after();
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      setError(refused);
    }
  };
  const save = () => act({ method: "PUT", body: { ...content(value), rules, thresholds, based_on_digest: value.digest } }, "The draft is kept; its test and its shadow begin anew", again);
  const remove = () => act({ method: "DELETE" }, `Version ${value.version} is thrown away`, () => go("rules", type === "payment" ? {} : { event_type: type }));
  const limit = (name) => html`<${Field} label=${`${name === "review" ? "Review" : "Block"} from`}><input type="number" step="any" min="0" max="1" value=${thresholds[name]} onChange=${(event) => setThresholds({ ...thresholds, [name]: Number(event.target.value) })} /></${Field}>`;
  return html`<form onSubmit=${(event) => { event.preventDefault(); save(); }}>
    <section class="panel"><h2>Thresholds</h2><${ThresholdBar} thresholds=${thresholds} /><div class="row unprinted">${limit("review")} ${limit("block")}</div></section>
    <h2>Rules</h2>
    ${RuleForm && rules.map((rule, at) => html`<${RuleForm} key=${at} rule=${rule} type=${type} put=${(changed) => setRules(rules.map((one, index) => (index === at ? changed : one)))} drop=${() => setRules(rules.filter((_, index) => index !== at))} />`)}
    <div class="row unprinted"><button type="button" class="outline" onClick=${() => setRules([...rules, { code: "", outcome: "review", when: "" }])}>Add a rule</button>
      <button type="submit">Keep the draft</button><${Sure} ask="Throw the draft away?" act=${remove}>Throw it away</${Sure}></div>
    ${error && html`<${Fault} error=${error} />`}</form>`;
}

/** Into force: tested lately against what is in force, or by force, which is written down. */
function Activate({ where, ofType, value, again }) {
  const [error, setError] = useState(null);
  const run = async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    try {
      await call(`${where}/activate${ofType}`, { method: "POST", body: { note: String(form.get("note")), ...(form.get("force") ? { force: true } : {}) } });
      announce(`Version ${value.version} is in force; every process has it within a minute`);
      setError(null);
      again();
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      setError(refused);
    }
  };
  return html`<form class="panel unprinted" onSubmit=${run}><h2>Into force</h2>
    ${value.control_loss !== undefined && html`<p>${value.control_loss ? lost(value.control_loss) : "It has a control share: a test on history says what that may lose."}</p>`}<div class="row"><${Field} label="Note: why"><input name="note" required maxlength="200" /></${Field}>
    <label class="check"><input type="checkbox" name="force" /> without a test; that is written down</label><button type="submit">Put it in force</button></div>
    ${error && html`<${Fault} error=${error} />`}</form>`;
}
