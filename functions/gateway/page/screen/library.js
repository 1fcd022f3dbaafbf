// Rules to begin with, where a policy has none: each a sentence, what it reads, and a draft of it by one press.

import { useState } from "preact/hooks";
import { ApiError, call, content, may, useLoaded } from "../api.js";
import { Badge, Fault, Loaded, Table, go, html } from "../element.js";
import { count } from "../format.js";

const NOTHING = "nothing beside the payment";

/** `policy` is the version in force, in full: the draft says what it says, and one rule more. */
export default function Library({ policy, type }) {
  const found = useLoaded(() => call("api/v1/policy/library"), "");
  const [error, setError] = useState(null);
  const begin = async (one) => {
    const said = content(policy);
    try {
      const made = await call("api/v1/policy/versions", { method: "POST", body: { ...said, rules: [...said.rules, one.rule], event_type: type, based_on: policy.version, note: `${one.rule.code} of the library` } });
      go(["rules", made.version], type === "payment" ? {} : { event_type: type });
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      setError(refused);
    }
  };
  return html`<section class="panel"><h2>Rules to begin with</h2>
    <p class="quiet">None of them decides anything before its draft is put in force.</p>
    ${error && html`<${Fault} error=${error} />`}
    <${Loaded} of=${found}>${(value) => html`<${Rules} rules=${value.rules.filter((one) => one.event_type === type)} type=${type} begin=${begin} />`}</${Loaded}></section>`;
}

const Rules = ({ rules, type, begin }) => (rules.length ? html`<div class="list"><${Table} caption="Rules to begin with" rows=${rules} keyed=${(one) => one.rule.code} columns=${[
  { title: "Rule", cell: (one) => html`<code>${one.rule.code}</code><br /><span class="quiet">${one.says}</span>` },
  { title: "Gives", cell: (one) => html`<${Badge} of=${one.rule.outcome} />` },
  { title: "Reads for a payment", cell: (one) => html`${cost(one.reads)}${needs(one) && html`<br /><span class="quiet">needs ${needs(one)}</span>`}` },
  ...(may("admin") ? [{ title: "Draft", cell: (one) => html`<button type="button" class="small outline" aria-label=${`Make a draft with ${one.rule.code}`} onClick=${() => begin(one)}>Make a draft</button>` }] : [])]} /></div>`
  : html`<p class="quiet">There are none for the event type ${type}.</p>`);

const several = (number, one, more) => `${count(number)} ${number === 1 ? one : more}`;

const cost = ({ queries, look_ups }) => [queries && several(queries, "query", "queries"), look_ups && several(look_ups, "look-up", "look-ups")].filter(Boolean).join(" and ") || NOTHING;

const needs = ({ lists, aggregates }) => [...Object.keys(lists).map((name) => `the list ${name}`), ...Object.keys(aggregates).map((name) => `the aggregate ${name}`)].join(", ");
