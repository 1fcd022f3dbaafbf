// An account, a device or another thing that payments name: when, how much, how it ended, with whom; and its erasure.

import { useState } from "preact/hooks";
import { ApiError, call, may, path, useLoaded } from "../api.js";
import { Badge, Empty, Facts, Fault, Json, Loaded, Sure, Table, Time, html, plural, to } from "../element.js";
import { count, money } from "../format.js";

const sums = (of) => Object.entries(of).filter(([, one]) => one.payments > 0);

export default function Entity({ route }) {
  const [kind, value] = route.rest;
  const found = useLoaded(() => (value ? call(addressOf(kind, value)) : Promise.resolve(null)), `${kind}:${value}`);
  if (!value) return html`<${Empty} title="Which one?"><p>Search an account, or <code>entity:value</code>.</p></${Empty}>`;
  return html`<p class="quiet">${kind} /</p><h1 class="id">${value}</h1>
    <${Loaded} of=${found}>${(known) => html`<${Known} of=${known} />`}</${Loaded}>
    ${may("admin") && html`<${Erase} key=${`${kind}:${value}`} kind=${kind} value=${value} />`}`; // what was asked of one is not asked of the next
}

const addressOf = (kind, value) => (kind === "account" ? path`api/v1/database/accounts/${value}` : path`api/v1/database/entities/${kind}/${value}`);
const all = (of) => to("payments", of.entity === "account" ? { account: of.value } : { entity: `${of.entity}:${of.value}` });

function Known({ of }) {
  if (!of.payments) return html`<${Empty} title="No payment names it"><p>It was never seen, or it has been erased.</p></${Empty}>`;
  return html`
    <section class="panel"><${Facts} of=${[
      ["First seen", html`<${Time} at=${of.first_seen} />`], ["Last seen", html`<${Time} at=${of.last_seen} />`],
      ["Payments", html`<a href=${all(of)}>${count(of.payments)}${of.capped ? "+" : ""}</a>`], ["In all", money(of.amount)],
      of.lists?.length > 0 && ["On lists", of.lists.map((one, at) => html`${at > 0 && ", "}<a href=${to(["lists", one.name], { value: of.value })}>${one.name}</a>`)],
      of.sent && ["Sent", `${count(of.sent.payments)} · ${money(of.sent.amount)}`], of.received && ["Received", `${count(of.received.payments)} · ${money(of.received.amount)}`],
    ]} />${of.capped && html`<p class="quiet">Counted over its newest payments; there are older ones.</p>`}</section>
    <div class="grid2">
      <section class="panel"><h2>By outcome and label</h2><${Table} caption="By outcome and label" rows=${[...sums(of.by_outcome), ...sums(of.by_label)]} columns=${[
        { title: "What", cell: ([name]) => html`<${Badge} of=${name} />` }, { title: "Payments", number: true, cell: ([, one]) => count(one.payments) }, { title: "Amount", number: true, cell: ([, one]) => money(one.amount) }]} /></section>
      <section class="panel"><h2>Open reviews</h2>${of.open_reviews.count ? html`<ul>${of.open_reviews.transaction_ids.map((id) => html`<li><a class="id" href=${to(["payments", id])}>${id}</a></li>`)}</ul>${of.open_reviews.capped && html`<p class="quiet">and maybe more</p>`}` : html`<p class="quiet">None of its payments waits.</p>`}</section>
    </div>
    <section class="panel"><h2>With ${plural(of.counterparties.distinct, "account")}</h2><${Table} caption="Counterparties, by money" rows=${of.counterparties.by_amount} columns=${[
      { title: "Account", cell: (one) => html`<a class="id" href=${to(["entity", "account", one.account])}>${one.account}</a>` }, { title: "Payments", number: true, cell: (one) => count(one.payments) }, { title: "Amount", number: true, cell: (one) => money(one.amount) }]} /></section>
    ${of.shares.length > 0 && html`<section class="panel"><h2>Shared with others</h2><${Table} caption="Things it shares" rows=${of.shares} columns=${[
      { title: "What", cell: (one) => html`<a class="id" href=${to(["entity", one.entity, one.value])}>${one.entity}:${one.value}</a>` }, { title: "Payments", number: true, cell: (one) => count(one.payments) },
      { title: "Other accounts", number: true, cell: (one) => `${count(one.other_accounts)}${one.capped ? "+" : ""}` },
      { title: "Which", cell: (one) => one.accounts.map((name) => html`<a class="id" href=${to(["entity", "account", name])}>${name}</a> `) }]} />
      <p class="quiet">Of its newest ${count(of.looked_into)} payments.</p></section>`}`;
}

/** Erases what names it, for good; the receipt says what was done. */
function Erase({ kind, value }) {
  const [state, setState] = useState({});
  const run = async () => {
    try {
      setState({ receipt: await call(addressOf(kind, value), { method: "DELETE" }) });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setState({ error });
    }
  };
  return html`<section class="panel"><h2>Erase</h2><p class="quiet">Takes this name out of everything that is stored, as docs/privacy.md says. It cannot be undone.</p>
    <${Sure} ask=${`Erase ${value} for good?`} act=${run}>Erase it</${Sure}>
    ${state.error && html`<${Fault} error=${state.error} />`}
    ${state.receipt && html`<div role="status"><p>Its receipt:</p><${Json} of=${state.receipt} /></div>`}</section>`;
}
