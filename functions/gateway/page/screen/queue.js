// Open reviews, dearest first: one is held for whoever asked, decided by a key, and may be undone for half a minute.

import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, announce, call, path, query, useLoaded } from "../api.js";
import { Reasons } from "../chart/waterfall.js";
import { Badge, Empty, Facts, Fault, Field, Loaded, ReasonNames, Table, Time, html, to, useKeys } from "../element.js";
import { Filters, parameters } from "../filter.js";
import { age, count, money, NONE, paid, risk, shortTime } from "../format.js";

const WAITING = 25; // rows of the list beside the one that is decided: the queue itself may be of any length
const EXTEND_BEFORE_MS = 60_000;
const FIRST = ["outcome", "min_amount", "account", "reason", "job_id"];
const MORE = ["max_amount", "min_risk", "max_risk", "start_date", "end_date", "type", "source", "event_type", "entity", "rule", "model_version", "policy_version", "shown"];
const OWN = { outcome: { options: [["", "review"], ["block", "block"], ["review,block", "both"]] } };

export default function Queue({ route }) {
  const filters = route.query;
  const asked = parameters(filters);
  const key = JSON.stringify(asked);
  const waiting = useLoaded(() => call(`api/v1/database/transactions${query({ outcome: "review", ...asked, labelled: "false", sort: "expected_loss", limit: WAITING })}`), key);
  return html`<h1>Queue</h1>
    <${Filters} screen="queue" first=${FIRST} more=${MORE} own=${OWN} filters=${filters} />
    <${HeldReview} key=${key} asked=${asked} waiting=${waiting} />`;
}

let leaving = Promise.resolve(); // the claim that is being given back

/** The review that is held, what one can do with it, and what waits behind it. */
function HeldReview({ asked, waiting }) {
  const [held, setHeld] = useState(null); // {review, left}; null while it is asked for
  const [error, setError] = useState(null);
  const [last, setLast] = useState(null); // the verdict that may still be undone
  const [label, setLabel] = useState(true);
  const [note, setNote] = useState("");
  const [within, setWithin] = useState(null); // milliseconds from a decision to when its review is due
  const [at, setAt] = useState(0);
  const row = useRef(0); // as `at`, but at once: keys may come faster than the screen is drawn
  const walk = (index) => { row.current = index; setAt(index); };
  const skipped = useRef([]);
  const busy = useRef(false);
  const claimed = useRef(null);

  const running = useRef(leaving);
  const gone = useRef(false);

  /** One thing after the other: a key pressed twice does not decide two payments. */
  const act = (work) => {
    if (!busy.current) running.current = run(work);
    return running.current;
  };
  const run = async (work) => {
    busy.current = true;
    try {
      await work();
      setError(null);
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      if (refused.code === "claim_lost") claimed.current = null;
      if (claimed.current === null) setHeld(null); // what was decided is not decided again
      setError(refused);
      if (refused.code === "claim_lost") await next().catch(setError);
    } finally {
      busy.current = false;
    }
  };
  const next = async () => {
    if (claimed.current !== null || held !== null) waiting.again(); // the list has come by itself at first
    await leaving; // of other filters: the dearest may be what was held there
    const found = await call("api/v1/database/reviews/next", { method: "POST", body: { filters: asked, after_skipping: skipped.current.slice(-1000) } });
    if (gone.current) return found.review && release(found.review); // nobody looks at it
    claimed.current = found.review;
    setHeld(found);
    setNote("");
  };
  const review = held?.review;
  const where = (id) => path`api/v1/database/reviews/${id}`;
  const release = (one, keepalive = false) => call(`${where(one.transaction_id)}/claim`, { method: "DELETE", headers: { "X-Claim": one.claim }, keepalive });

  useEffect(() => {
    act(next);
    const leave = () => { leaving = claimed.current ? release(claimed.current, true).catch(() => {}) : running.current; }; // it is there for the next who asks
    addEventListener("pagehide", leave); // the tab is closed, or loaded anew
    return () => { removeEventListener("pagehide", leave); gone.current = true; leave(); };
  }, []);
  useEffect(() => {
    if (!review) return undefined;
    const left = Date.parse(review.claimed_until) - Date.now() - EXTEND_BEFORE_MS;
    const timer = setTimeout(async () => {
      try {
        const held = await call(`${where(review.transaction_id)}/claim`, { method: "POST", headers: { "X-Claim": review.claim } });
        setHeld((now) => (now.review === review ? { ...now, review: { ...review, ...held } } : now));
      } catch (refused) {
        setError(refused);
      }
    }, Math.max(0, left));
    return () => clearTimeout(timer);
  }, [review?.claim, review?.claimed_until]);

  useEffect(() => { // nothing is held, so there is nothing to lose: it is asked for again
    if (!error?.retryAfter || held !== null) return undefined;
    const timer = setInterval(() => { if (document.visibilityState === "visible") act(next); }, error.retryAfter * 1000);
    return () => clearInterval(timer);
  }, [error, held]);

  const decide = (verdict, truth) => review && act(async () => {
    const body = { verdict, ...(label ? { label: truth } : {}), ...(note ? { note } : {}) };
    await call(`${where(review.transaction_id)}/verdict`, { method: "POST", body, headers: { "X-Claim": review.claim } });
    setLast({ id: review.transaction_id, claim: review.claim, verdict });
    announce(`${review.transaction_id}: ${verdict === "decline" ? "declined" : "released"}. u takes it back for 30 s.`);
    claimed.current = null;
    await next();
  });
  const skip = () => review && act(async () => {
    skipped.current.push(review.transaction_id);
    await release(review);
    claimed.current = null;
    await next();
  });
  const undo = () => last && act(async () => {
    await call(`${where(last.id)}/verdict`, { method: "DELETE", headers: { "X-Claim": last.claim } });
    await release({ transaction_id: last.id, claim: last.claim });
    announce(`${last.id}: taken back, it waits again`);
    setLast(null);
    waiting.again();
  });
  const rows = waiting.value?.transactions || [];
  const body = useRef();
  const move = (by) => {
    const next = Math.max(0, Math.min(rows.length - 1, row.current + by));
    walk(next);
    body.current?.querySelectorAll("a.row-link")[next]?.focus();
  };
  useKeys({ f: () => decide("decline", "fraud"), g: () => decide("release", "genuine"), s: skip, u: undo, j: () => move(1), k: () => move(-1) });
  return html`
    ${error && html`<${Fault} error=${error} again=${() => act(next)} />`}
    ${held === null && !error && html`<p class="quiet" aria-busy="true">Asking for the dearest one</p>`}
    ${held && !review && html`<${Empty} title="Nothing waits"><p>Every review is decided, held by somebody else, or left out by the filters.</p>
      <p><button type="button" class="outline" onClick=${() => { skipped.current = []; act(next); }}>Ask again${skipped.current.length ? ", the skipped ones too" : ""}</button></p></${Empty}>`}
    ${review && html`<div class="grid2">
      <div><${ReviewFacts} key=${review.transaction_id} review=${review} learn=${setWithin} /></div>
      <section class="panel" aria-label="Verdict">
        <p class="left" role="status"><strong>${count(held.left)}${held.left_more ? "+" : ""} left</strong> <span class="quiet">yours until ${shortTime(review.claimed_until)}</span></p>
        <div class="row">
          <button type="button" class="outline block" onClick=${() => decide("decline", "fraud")}>Decline, fraud <kbd>f</kbd></button>
          <button type="button" class="outline approve" onClick=${() => decide("release", "genuine")}>Release, genuine <kbd>g</kbd></button>
          <button type="button" class="outline" onClick=${skip}>Skip <kbd>s</kbd></button>
        </div>
        <label class="check"><input type="checkbox" checked=${label} onChange=${(event) => setLabel(event.target.checked)} /> Label it too</label>
        <${Field} label="Note"><textarea rows="2" maxlength="2000" value=${note} onInput=${(event) => setNote(event.target.value)} /></${Field}>
        ${last && html`<p><button type="button" class="small outline" onClick=${undo}>Take back the verdict on ${last.id} <kbd>u</kbd></button></p>`}
      </section></div>`}
    ${last && !review && html`<p><button type="button" class="small outline" onClick=${undo}>Take back the verdict on ${last.id} <kbd>u</kbd></button></p>`}
    <section class="list" ref=${body}><${Loaded} of=${waiting}>${(value) => html`<${Table} caption="What waits, dearest first" rows=${value.transactions} keyed=${(one) => one.transaction_id}
      rowClass=${(row, index) => `${index === at ? "at" : ""} ${row.transaction_id === review?.transaction_id ? "held" : ""}`} columns=${[
        { title: "Outcome", cell: (one) => html`<${Badge} of=${one.decision} />` },
        { title: "Expected loss", number: true, cell: (one) => (one.expected_loss === undefined ? money(one.amount * (one.risk ?? 0)) : money(one.expected_loss)) },
        { title: "Amount", number: true, cell: (one) => html`<strong>${paid(one)}</strong>` },
        { title: "Risk", number: true, cell: (one) => risk(one.risk) },
        { title: "Transaction", cell: (one, index) => html`<a class="row-link id" href=${to(["payments", one.transaction_id])} onFocus=${() => walk(index)}>${one.transaction_id}</a>` },
        { title: "Type", cell: (one) => one.type || one.event_type },
        { title: "Why", cell: (one) => html`<${ReasonNames} codes=${one.reason_codes} />` },
        { title: "Age", cell: (one) => html`<${Time} at=${one.occurred_at} as=${age} />` },
        within && { title: "Due", cell: (one) => (one.decision === "review" && one.decided_at ? html`<${Due} at=${new Date(Date.parse(one.decided_at) + within)} />` : NONE) },
      ].filter(Boolean)} />`}</${Loaded}></section>`;
}

/** How long there is until a review is due; what is overdue says so by a mark and a word too. */
const Due = ({ at }) => (at > Date.now() ? html`<time datetime=${at.toISOString()}>in ${age(new Date().toISOString(), at)}</time>`
  : html`<span class="badge block"><span aria-hidden="true">!</span> overdue ${age(at.toISOString())}</span>`);

/** What one needs to know to decide it. */
function ReviewFacts({ review, learn }) {
  const id = review.transaction_id;
  const found = useLoaded(async () => {
    const stored = await call(path`api/v1/database/transactions/${id}`);
    if (stored.review?.due_at) learn(Date.parse(stored.review.due_at) - Date.parse(stored.first_decision.decided_at));
    return stored;
  }, id);
  return html`<section class="panel"><${Loaded} of=${found}>${({ transaction, first_decision: decision, review: state }) => html`
    <div class="headline"><span class="amount">${paid(transaction)}</span><${Badge} of=${decision.decision} /><h2><a class="id" href=${to(["payments", id])}>${id}</a></h2></div>
    <${Reasons} reasons=${decision.reasons} decision=${decision.decision} />
    <${Facts} of=${[["Risk", html`<strong>${risk(decision.risk)}</strong>`], ["Type", transaction.type || transaction.event_type], ["Happened", html`<${Time} at=${transaction.occurred_at} as=${age} /> ago`],
      state?.due_at && ["Due", html`<${Due} at=${new Date(state.due_at)} />`],
      ...["nameOrig", "nameDest"].filter((name) => transaction[name]).map((name) => [name === "nameOrig" ? "Sender" : "Receiver", html`<a class="id plain" href=${to(["entity", "account", transaction[name]])}>${transaction[name]}</a>`])]} />`}</${Loaded}></section>`;
}
