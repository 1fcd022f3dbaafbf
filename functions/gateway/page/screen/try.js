// Score a payment by hand: a form made of the event type, the same as JSON, and an example of each outcome.

import { useEffect, useState } from "preact/hooks";
import { ApiError, asCurl, call, may, policyInForce, useLoaded } from "../api.js";
import { ThresholdBar } from "../chart/threshold_bar.js";
import { Reasons, Shares } from "../chart/waterfall.js";
import { Badge, Facts, Fault, Field, Json, Loaded, fieldTitle, html, to } from "../element.js";
import { percent, risk, words } from "../format.js";

const payment = (type, amount, oldOrg, newOrig, dest, oldDest, newDest) => ({
  step: 1, type, amount, nameOrig: "C123456789", oldbalanceOrg: oldOrg, newbalanceOrig: newOrig, nameDest: dest, oldbalanceDest: oldDest, newbalanceDest: newDest,
});
// Of the built-in type: what the shipped model decides so. Another model may see it otherwise, and the answer is what counts.
const EXAMPLES = {
  approve: payment("PAYMENT", 1000, 5000, 4000, "M987654321", 0, 0),
  review: payment("TRANSFER", 248675.92, 248675.92, 0, "C987654321", 552910.5, 801586.42),
  block: payment("TRANSFER", 55102.07, 55102.07, 0, "C987654321", 1172.09, 56274.16),
};
const BUILT_IN = { name: "payment", fields: {
  type: { kind: "category", required: true, values: ["PAYMENT", "TRANSFER", "CASH_OUT", "CASH_IN", "DEBIT"] }, amount: { kind: "money", required: true },
  nameOrig: { kind: "text", required: true }, oldbalanceOrg: { kind: "money", required: true }, newbalanceOrig: { kind: "money", required: true },
  nameDest: { kind: "text", required: true }, oldbalanceDest: { kind: "money", required: true }, newbalanceDest: { kind: "money", required: true },
  step: { kind: "integer", required: true }, transaction_id: { kind: "text", role: "id" }, occurred_at: { kind: "instant", role: "time" } } };

export default function Try() {
  const types = useLoaded(() => (may("analyst") ? call("api/v1/policy/event-types") : Promise.resolve({ event_types: [BUILT_IN] })), "types");
  return html`<h1>Try it</h1><${Loaded} of=${types}>${(value) => html`<${Form} types=${value.event_types} />`}</${Loaded}>`;
}

function Form({ types }) {
  const [name, setName] = useState("payment");
  const type = types.find((one) => one.name === name) || types[0];
  const [text, setText] = useState(() => JSON.stringify(EXAMPLES.block, null, 2));
  const [store, setStore] = useState(false);
  const [state, setState] = useState({});
  const parsed = read(text);
  const put = (field, value) => setText(JSON.stringify({ ...(parsed.value || {}), [field]: value }, null, 2));
  const drop = (field) => { const { [field]: gone, ...rest } = parsed.value || {}; setText(JSON.stringify(rest, null, 2)); };
  const choose = (chosen) => {
    setName(chosen);
    setState({});
    setText(JSON.stringify(sampleOf(types.find((one) => one.name === chosen)), null, 2));
  };
  const ask = async (event) => {
    event.preventDefault();
    setState({ busy: true });
    const envelope = name === "payment" ? {} : { event_type: name };
    try {
      const answer = await call("api/v1/score", { method: "POST", body: { ...envelope, store, transactions: [parsed.value] } });
      setState({ entry: answer.results[0], sent: parsed.value, envelope, stored: store });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const [entry] = error.results; // where its one payment was refused, the entry says why
      setState(entry ? { entry, sent: parsed.value, envelope, stored: store } : { error });
    }
  };
  return html`
    <form class="grid2" onSubmit=${ask}>
      <section class="panel">
        <div class="row"><${Field} label="Event type"><select onChange=${(event) => choose(event.target.value)}>${types.map((one) => html`<option selected=${one.name === name}>${one.name}</option>`)}</select></${Field}>
          ${name === "payment" && html`<div class="row" role="group" aria-label="Examples">${Object.keys(EXAMPLES).map((one) => html`<button type="button" class="small outline ${one}" onClick=${() => { setText(JSON.stringify(EXAMPLES[one], null, 2)); setState({}); }}>An example to ${one}</button>`)}</div>`}</div>
        <div class="fields">${Object.entries(type.fields).filter(([, one]) => !one.later).map(([field, one]) => html`<${Input} key=${field} name=${field} of=${one} value=${parsed.value?.[field]} put=${put} drop=${drop} />`)}</div>
      </section>
      <section class="panel">
        <${Field} label="The same as JSON"><textarea class="json-box" spellcheck=${false} aria-invalid=${parsed.error ? "true" : undefined} value=${text} onInput=${(event) => setText(event.target.value)} /></${Field}>
        ${parsed.error && html`<p class="fault" role="alert">This is no JSON: ${parsed.error}</p>`}
        <label class="check"><input type="checkbox" checked=${store} onChange=${(event) => setStore(event.target.checked)} /> Keep it, as if it had come from your system</label>
        <div class="row"><button type="submit" disabled=${!parsed.value || state.busy} aria-busy=${state.busy}>Decide</button></div>
      </section>
    </form>
    ${state.error && html`<${Fault} error=${state.error} />`}
    ${state.entry && html`<${Answer} key=${JSON.stringify(state.entry)} entry=${state.entry} sent=${state.sent} envelope=${state.envelope} stored=${state.stored} />`}`;
}

function read(text) {
  try {
    const value = JSON.parse(text);
    return value && typeof value === "object" && !Array.isArray(value) ? { value } : { error: "expected one object in braces" };
  } catch (error) {
    return { error: error.message };
  }
}

const SAMPLES = { number: 1, money: 100, integer: 1, boolean: false };

/** What a payment of the type may look like: a value of the right kind for each field that it must have. */
const sampleOf = (type) => (type.name === "payment" ? EXAMPLES.block : Object.fromEntries(Object.entries(type.fields)
  .filter(([, one]) => one.required && !one.later)
  .map(([field, one]) => [field, one.values?.[0] ?? SAMPLES[one.kind] ?? (one.kind === "instant" ? new Date().toISOString() : `${field}-1`)])));

function Input({ name, of, value, put, drop }) {
  const number = ["number", "money", "integer"].includes(of.kind);
  const change = (event) => {
    const given = event.target.value;
    if (given === "") drop(name);
    else put(name, number ? Number(given) : of.kind === "boolean" ? given === "true" : given);
  };
  const options = of.kind === "boolean" ? ["true", "false"] : of.values;
  return html`<${Field} label=${`${fieldTitle(name)}${of.required ? "" : " (optional)"}`}>
    ${options ? html`<select onChange=${change}><option value="">–</option>${options.map((one) => html`<option selected=${String(value) === one}>${one}</option>`)}</select>`
      : html`<input type=${number ? "number" : "text"} step="any" value=${value === undefined ? "" : String(value)} onChange=${change} />`}</${Field}>`;
}

function Answer({ entry, sent, envelope, stored }) {
  if (entry.error) return html`<${Fault} error=${{ title: "It was not scored", message: entry.error, errors: entry.errors, code: entry.code }} />`;
  return html`<${Explained} entry=${entry} sent=${sent} envelope=${envelope} stored=${stored} />`;
}

function Explained({ entry, sent, envelope, stored }) {
  const [policy, setPolicy] = useState(null);
  useEffect(() => { if (may("analyst")) policyInForce(envelope.event_type).then(setPolicy, () => {}); }, []);
  const explained = useLoaded(() => call("api/v1/model/explain", { method: "POST", body: { ...envelope, transaction: sent } }), "answer");
  return html`
    <section class="panel" aria-label="The answer">
      <div class="headline" role="status"><h2>The answer</h2><${Badge} of=${entry.decision} /> <strong>${entry.risk === null ? "no risk: rules decided" : `risk ${risk(entry.risk)}`}</strong>
        ${stored ? html`<a href=${to(["payments", entry.transaction_id])}>Open ${entry.transaction_id}</a>` : html`<span class="quiet">nothing was kept</span>`}</div>
      ${policy && entry.risk !== null && html`<${ThresholdBar} risk=${entry.risk} thresholds=${policy.thresholds} decision=${entry.decision} />`}
      <${Facts} of=${[["Decided by", entry.decision_source], ["Model", entry.model_version], ["Policy version", entry.policy_version], ["Confidence", percent(entry.confidence)],
        entry.degraded?.length > 0 && ["Degraded", entry.degraded.map(words).join(", ")], entry.quality?.length > 0 && ["Quality", entry.quality.map(words).join(", ")]]} />
      <h2>Why</h2><${Reasons} reasons=${entry.reasons} decision=${entry.decision} />
      ${explained.error ? html`<p class="quiet">The shares cannot be shown: ${explained.error.message}</p>` : html`<${Loaded} of=${explained}>${(found) => html`<${Shares} of=${found} />`}</${Loaded}>`}
      <details><summary>As a client gets it, and the call</summary><${Json} of=${entry} /><pre tabindex="0"><code>${asCurl({ ...sent, ...envelope })}</code></pre></details>
    </section>`;
}
