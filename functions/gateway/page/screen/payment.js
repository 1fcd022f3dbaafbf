// One payment: its outcome on the threshold bar, why, what it looked like, what was said of it, and what one can do.

import { useEffect, useState } from "preact/hooks";
import { ApiError, announce, asCurl, call, may, path, policyInForce, query, useLoaded } from "../api.js";
import { ThresholdBar } from "../chart/threshold_bar.js";
import { Reasons, Shares } from "../chart/waterfall.js";
import { Badge, Copy, Empty, Facts, Fault, Json, Loaded, State, Table, Time, fieldTitle, html, to, useKeys, useModule } from "../element.js";
import { isInstant, money, NONE, paid, percent, risk, shortTime, spelled, words } from "../format.js";

const HEAD = new Set(["transaction_id", "decision", "amount", "source", "received_at", "occurred_at"]);
const LAST = 20; // payments of the account that its usual amounts are read off

export default function Payment({ route }) {
  const [id] = route.rest;
  const stored = useLoaded(() => (id ? call(path`api/v1/database/transactions/${id}`) : Promise.resolve(null)), id);
  if (!id) return html`<${Empty} title="Which payment?"><p><a href=${to("payments")}>Choose one of the list</a>, or search its id.</p></${Empty}>`;
  return html`<${Loaded} of=${stored}>${(value) => html`<${Shown} key=${id} stored=${value} again=${stored.again} />`}</${Loaded}>`;
}

function Shown({ stored, again }) {
  const { transaction, first_decision: decision, predictions, labels } = stored;
  const id = transaction.transaction_id;
  return html`
    <p class="quiet"><a href=${to("payments")}>Payments</a> /</p>
    <div class="headline">
      <span class="amount">${paid(transaction)}</span>
      <${Badge} of=${decision?.decision} />
      <h1 class="id">${id}</h1>
      <div class="actions"><${Copy} text=${asCurl(transaction)}>Copy as curl</${Copy}></div>
    </div>
    <div class="grid2">
      <div>
        ${decision ? html`<${Decision} decision=${decision} transaction=${transaction} />` : html`<section class="panel"><h2>No decision</h2><p>It was stored without one. Its first score fills that in.</p></section>`}
        <section class="panel"><h2>The payment</h2><${Fields} transaction=${transaction} /></section>
        ${may("analyst") && html`<${AccountPayments} transaction=${transaction} />`}
        <details class="panel"><summary>Raw JSON</summary><${Json} of=${stored} /></details>
      </div>
      <div>
        ${may("analyst") && stored.review && html`<${Verdict} id=${id} review=${stored.review} again=${again} />`}
        ${may("analyst") && html`<${Labels} id=${id} label=${stored.label} again=${again} />`}
        <${Happened} id=${id} known=${known({ transaction, predictions, labels })} />
        ${may("analyst") && html`<${OnLists} transaction=${transaction} />`}
        ${decision && may("analyst") && html`<${Replay} id=${id} />`}
      </div>
    </div>`;
}

function Decision({ decision, transaction }) {
  const id = transaction.transaction_id;
  const type = transaction.event_type || "payment";
  const [policy, setPolicy] = useState(null);
  useEffect(() => { if (may("analyst")) policyInForce(type).then(setPolicy, () => {}); }, [type]);
  const explained = useLoaded(() => call("api/v1/model/explain", { method: "POST", body: { transaction_id: id } }), id);
  return html`
    <section class="panel">
      <h2>Decision</h2>
      ${decision.risk !== null && policy && html`<${ThresholdBar} risk=${decision.risk} thresholds=${policy.thresholds} decision=${decision.decision} />`}
      ${policy && policy.version !== decision.policy_version && html`<p class="quiet">Version ${decision.policy_version} of the policy decided; the thresholds drawn are those of version ${policy.version}, in force now.</p>`}
      <${Facts} of=${[
        ["Risk", html`<strong>${risk(decision.risk)}</strong>`],
        ["Confidence", percent(decision.confidence)],
        ["Decided by", decision.decision_source],
        ["Model", decision.model_version || NONE],
        ["Policy version", decision.policy_version],
        ["Decided", html`<${Time} at=${decision.decided_at} />`],
        decision.degraded?.length > 0 && ["Degraded", decision.degraded.map(words).join(", ")],
        decision.quality?.length > 0 && ["Quality", decision.quality.map(words).join(", ")],
      ]} />
    </section>
    ${may("analyst") && decision.degraded?.includes("block_limit") && html`<${HeldBack} type=${type} />`}
    <${Conditions} decision=${decision} policy=${policy} transaction=${transaction} />
    <section class="panel">
      <h2>Why</h2>
      <${Reasons} reasons=${decision.reasons} decision=${decision.decision} />
      ${explained.error ? html`<p class="quiet">The shares of the features cannot be shown: ${explained.error.message}</p>`
        : html`<${Loaded} of=${explained}>${(found) => html`<${Shares} of=${found} />`}</${Loaded}>`}
    </section>`;
}

const RULE_STATES = { held: "held", not_evaluated: "not evaluated", not_held: "did not hold" };

/** Rules and conditions that held or could not be evaluated, with the values they read. */
function Conditions({ decision, policy, transaction }) {
  const written = new Map((policy?.version === decision.policy_version ? [...(policy.conditions || []), ...(policy.rules || [])] : []).map((one) => [one.code, one]));
  const held = (decision.reasons || []).filter((one) => written.has(one.code) || one.feature === undefined).map((one) => ({ code: one.code, outcome: written.get(one.code)?.outcome, state: "held" }));
  const rules = decision.rules || held;
  if (!rules.length) return null;
  const known = { ...transaction, ...decision.velocity, ...decision.aggregates, risk: decision.risk };
  return html`
    <section class="panel"><h2>Rules and conditions</h2>
      <${Table} caption="Rules and conditions" rows=${rows(rules, written, known)} columns=${[
        { title: "Code", cell: (one) => html`<code>${one.code}</code>` },
        { title: "Asks for", cell: (one) => html`<${Badge} of=${one.outcome} />` },
        { title: "State", cell: (one) => `${RULE_STATES[one.state] || one.state}${one.overruled ? ", overruled" : ""}` },
        { title: "When", cell: (one) => (one.when ? html`<code>${one.when}</code>` : NONE) },
        { title: "Values", cell: (one) => one.why || one.values || NONE },
      ]} />
    </section>`;
}

const rows = (rules, written, known) => rules.map((one) => {
  const when = spelled(written.get(one.code)?.when);
  const read = [...new Set(when.match(/[A-Za-z_]\w*/g) || [])].filter((name) => known[name] !== undefined);
  return { ...one, when, values: one.text_with_values || read.map((name) => `${name} = ${known[name]}`).join(", ") };
});

const Fields = ({ transaction }) => html`<${Facts} of=${[
  ["Happened", html`<${Time} at=${transaction.occurred_at} />`],
  ["Received", html`<${Time} at=${transaction.received_at} />`],
  ["Came by", transaction.source],
  ...Object.entries(transaction).filter(([name]) => !HEAD.has(name)).map(([name, value]) => [fieldTitle(name), fieldValue(name, value)]),
]} />`;

function fieldValue(name, value) {
  if (value === null || value === undefined) return NONE;
  if ((name === "nameOrig" || name === "nameDest") && may("analyst")) return html`<a class="id plain" href=${to(["entity", "account", value])}>${value}</a>`;
  if (name === "job" || name === "job_id") return html`<a class="id plain" href=${to(["files", value])}>${value}</a>`;
  if (isInstant(value)) return html`<${Time} at=${value} />`;
  if (typeof value === "number") return /balance|amount/i.test(name) ? money(value) : String(value);
  return typeof value === "object" ? JSON.stringify(value) : html`<span class="id">${String(value)}</span>`;
}

/** The last payments of sender or receiver, and where this one's amount lies among them. Asked for by hand. */
function AccountPayments({ transaction }) {
  const [account, setAccount] = useState("");
  const found = useLoaded(() => (account ? call(`api/v1/database/transactions${query({ account, limit: LAST })}`) : Promise.resolve(null)), account);
  const accounts = [["Sender", transaction.nameOrig], ["Receiver", transaction.nameDest]].filter(([, name]) => name);
  if (!accounts.length) return null;
  return html`
    <section class="panel"><h2>The account's last payments</h2>
      <div class="row">${accounts.map(([role, name]) => html`<button type="button" class="small outline" aria-pressed=${account === name} onClick=${() => setAccount(name)}>${role} ${name}</button>`)}</div>
      ${account && html`<${Loaded} of=${found}>${(value) => value && html`<${Usual} rows=${value.transactions} of=${transaction} account=${account} />`}</${Loaded}>`}
    </section>`;
}

function Usual({ rows, of, account }) {
  const amounts = rows.filter((one) => one.transaction_id !== of.transaction_id).map((one) => one.amount).sort((a, b) => a - b);
  const at = (share) => amounts[Math.min(amounts.length - 1, Math.floor(share * amounts.length))];
  const inside = amounts.length && of.amount >= at(0.1) && of.amount <= at(0.9);
  const Band = useModule(() => import("../chart/band.js"));
  return html`
    <p>${amounts.length < 5 ? `Only ${amounts.length} other payments: too few to call anything usual.`
      : html`Usually between <strong>${money(at(0.1))}</strong> and <strong>${money(at(0.9))}</strong>; this one of <strong>${money(of.amount)}</strong> is ${inside ? "among them" : "outside of that"}.`}</p>
    ${Band && amounts.length >= 5 && html`<${Band} amounts=${amounts} usual=${[at(0.1), at(0.9)]} amount=${of.amount} />`}
    <${Table} caption=${`Last payments of ${account}`} rows=${rows} columns=${[
      { title: "When", cell: (one) => html`<${Time} at=${one.occurred_at} as=${shortTime} />` },
      { title: "Transaction", cell: (one) => html`<a class="id" href=${to(["payments", one.transaction_id])}>${one.transaction_id}</a>` },
      { title: "Direction", cell: (one) => (one.nameOrig === account ? "sent" : "received") },
      { title: "Amount", number: true, cell: (one) => money(one.amount) },
      { title: "Outcome", cell: (one) => html`<${Badge} of=${one.decision} />` },
      { title: "Label", cell: (one) => html`<${Badge} of=${one.label} />` },
    ]} />`;
}

/** What the payment turned out to be. `label` is the one in force. */
function Labels({ id, label, again }) {
  const [error, setError] = useState(null);
  const where = path`api/v1/database/transactions/${id}/label`;
  const act = async (options, said) => {
    try {
      await call(where, options);
      setError(null);
      announce(said);
      again();
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      setError(refused);
    }
  };
  const put = (value) => act({ method: "PUT", body: { label: value, source: "analyst" } }, `${id} is labelled ${value}`);
  useKeys({ f: () => put("fraud"), g: () => put("genuine") });
  return html`
    <section class="panel"><h2>Label</h2>
      <p><${Badge} of=${label?.label} /> ${label ? html`<span class="quiet">by ${label.actor || label.by}, ${label.source}</span>` : html`<span class="quiet">Nobody has said yet what it was.</span>`}</p>
      <div class="row">
        <button type="button" class="small outline block" onClick=${() => put("fraud")}>Fraud <kbd>f</kbd></button>
        <button type="button" class="small outline approve" onClick=${() => put("genuine")}>Genuine <kbd>g</kbd></button>
        ${label && html`<button type="button" class="small outline" onClick=${() => act({ method: "DELETE" }, "The last label is taken back")}>Take back</button>`}
      </div>
      ${error && html`<${Fault} error=${error} />`}
    </section>`;
}

/** Whether the money goes on: what a review ends with. In the queue it is given with a claim; here where nobody has one. */
function Verdict({ id, review, again }) {
  const [error, setError] = useState(null);
  const act = async (options, said) => {
    try {
      await call(path`api/v1/database/reviews/${id}/verdict`, options);
      setError(null);
      announce(said);
      again();
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      setError(refused);
    }
  };
  const give = (verdict, label) => act({ method: "POST", body: { verdict, label } }, `${id}: ${verdict}`);
  const undone = review.undo_until && Date.parse(review.undo_until) > Date.now();
  return html`
    <section class="panel"><h2>Review</h2>
      <p>${review.verdict ? html`Closed: <strong>${review.verdict}</strong> <span class="quiet"><${Time} at=${review.closed_at} /></span>` : html`<${State} of=${review.state} />`}
        ${review.claimed_until && html` <span class="quiet">somebody has it until ${shortTime(review.claimed_until)}</span>`}
        ${review.due_at && html` <span class="quiet">due ${shortTime(review.due_at)}</span>`}</p>
      <div class="row">
        <button type="button" class="small outline block" onClick=${() => give("decline", "fraud")}>Decline, fraud</button>
        <button type="button" class="small outline approve" onClick=${() => give("release", "genuine")}>Release, genuine</button>
        ${undone && html`<button type="button" class="small outline" onClick=${() => act({ method: "DELETE" }, "The verdict is taken back")}>Undo</button>`}
      </div>
      ${error && html`<${Fault} error=${error} />`}
    </section>`;
}

const KINDS = { first: "Decided", answered: "Answered while the store was away", posted: "Another model said" };
const HAPPENED = { received: "Received", decision: "Decided", prediction: "Another model said", mail: "Mail", note: "Note", label: "Labelled", label_undone: "Label taken back", verdict: "Verdict", verdict_undone: "Verdict undone" };

/** What the payment's own answer knows of its past, as the timeline has it. */
const known = ({ transaction, predictions, labels }) => [
  { at: transaction.received_at, what: "Received", more: `by ${transaction.source}` },
  ...predictions.map((one) => ({ at: one.decided_at, what: KINDS[one.kind] || one.kind, badge: one.decision, more: `risk ${risk(one.risk_score)} · ${one.model_version || one.service_used || "rules"}` })),
  ...labels.map((one) => ({ at: one.recorded_at, what: "Labelled", badge: one.label, more: `by ${one.actor || one.by}, ${one.source}${one.undone_at ? "; taken back" : ""}` })),
];

const told = ({ at, kind, entry }) => ({
  at, what: HAPPENED[kind] || words(kind), badge: entry.decision || entry.label || null,
  more: [entry.verdict, entry.note || entry.text, entry.status && `${entry.status} to ${entry.recipient || ""}`, entry.risk_score !== undefined && `risk ${risk(entry.risk_score)}`,
    entry.actor || entry.by ? `by ${entry.actor || entry.by}` : "", entry.source, entry.model_version].filter(Boolean).join(" · "),
});

/** Everything that happened to it, newest first: verdicts, notes and mails are asked for by hand; a note is added. */
function Happened({ id, known: first }) {
  const [all, setAll] = useState(false);
  const found = useLoaded(() => (all ? call(path`api/v1/database/transactions/${id}/timeline`) : Promise.resolve(null)), `${id} ${all}`);
  const [error, setError] = useState(null);
  const note = async (event) => {
    event.preventDefault();
    const form = event.target;
    try {
      await call(path`api/v1/database/transactions/${id}/notes`, { method: "POST", body: { note: String(new FormData(form).get("note")) } });
      form.reset();
      setError(null);
      all ? found.again() : setAll(true);
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      setError(refused);
    }
  };
  const events = (found.value ? found.value.timeline.map(told) : first).toSorted((a, b) => (a.at < b.at ? 1 : -1));
  return html`
    <section class="panel"><h2>What happened</h2>
      <ol class="timeline">${events.map((one) => html`
        <li>${one.what} ${one.badge && html`<${Badge} of=${one.badge} />`}<br /><span class="quiet"><${Time} at=${one.at} />${one.more && ` · ${one.more}`}</span></li>`)}</ol>
      ${found.error && html`<${Fault} error=${found.error} again=${found.again} />`}
      ${may("analyst") && !all && html`<button type="button" class="small outline" onClick=${() => setAll(true)}>Verdicts, notes and mails too</button>`}
      ${may("analyst") && html`<form class="note" onSubmit=${note}><label>Note<input name="note" required maxlength="2000" /></label><button type="submit" class="small outline">Add</button></form>`}
      ${error && html`<${Fault} error=${error} />`}
    </section>`;
}

/** Puts what the payment names on a list: to be blocked, or trusted. */
function OnLists({ transaction }) {
  const [open, setOpen] = useState(false);
  return html`<section class="panel"><h2>Lists</h2>${open ? html`<${ListingWhenThere} transaction=${transaction} />`
    : html`<button type="button" class="small outline" onClick=${() => setOpen(true)}>Block or trust by a list</button>`}</section>`;
}

function ListingWhenThere({ transaction }) {
  const Listing = useModule(() => import("./listing.js"));
  return Listing ? html`<${Listing} transaction=${transaction} />` : html`<p class="quiet" aria-busy="true">Loading</p>`;
}

/** The decision computed again, by what was stored with it. */
function Replay({ id }) {
  const [state, setState] = useState({});
  const run = async () => {
    setState({ busy: true });
    try {
      setState({ found: await call("api/v1/model/replay", { method: "POST", body: { transaction_id: id } }) });
    } catch (error) {
      setState({ error });
    }
  };
  return html`
    <section class="panel"><h2>Replay</h2>
      <p class="quiet">Computes the decision again, by the model and the policy that made it.</p>
      <button type="button" class="small outline" onClick=${run} aria-busy=${state.busy} disabled=${state.busy}>Compute it again</button>
      ${state.error && html`<${Fault} error=${state.error} />`}
      ${state.found && html`<p role="status">${state.found.same ? html`<${Badge} of="approve" /> The same, byte for byte.` : html`<${Badge} of="block" /> It comes out differently.`}</p>
        ${!state.found.same && html`<${Json} of=${state.found} />`}`}
    </section>`;
}

/** What may not block for now, of which hardly any payment has to tell. */
function HeldBack({ type }) {
  const Breaker = useModule(() => import("./breaker.js"));
  return Breaker && html`<${Breaker} type=${type} />`;
}
