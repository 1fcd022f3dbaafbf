// What of a policy may not block for now: said wherever somebody looks at rules or at a payment that was held back.

import { useState } from "preact/hooks";
import { ApiError, announce, call, may, query, useLoaded } from "../api.js";
import { Fault, Field, Time, html } from "../element.js";
import { count, percent } from "../format.js";

/** Nothing while nothing is held back. `of` is the breaker where a screen has read it already, `again` reads that anew. */
export default function Breaker({ type = "payment", of, again }) {
  return of ? html`<${Open} value=${of} type=${type} again=${again} />` : html`<${Asked} type=${type} />`;
}

function Asked({ type }) {
  const found = useLoaded(() => call(`api/v1/policy/breaker${query({ event_type: type })}`), type);
  return found.value && html`<${Open} value=${found.value} type=${type} again=${found.again} />`;
}

/** It may be closed by an administrator, who says why. */
function Open({ value, type, again }) {
  const [error, setError] = useState(null);
  const close = async (event) => {
    event.preventDefault();
    try {
      await call("api/v1/policy/breaker/close", { method: "POST", body: { event_type: type, note: String(new FormData(event.target).get("note")) } });
      announce("It blocks again; every process has it within a minute");
      setError(null);
      again();
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      setError(refused);
    }
  };
  if (!value.open) return null;
  return html`<section class="panel fault" aria-label="Open breaker">
    <h2>${held(value)} may not block for now</h2>
    <p>It blocked ${count(value.blocked)} of the last ${count(value.payments)} payments, which is all that it may (${percent(share(value))}${counted(value)}). Its blocks are reviews since <${Time} at=${value.opened_at} />. ${CAUSES[value.cause] || ""}</p>
    <p class="quiet">It closes by itself once it would block less than half as many.</p>
    ${may("admin") && html`<form class="row unprinted" onSubmit=${close}><${Field} label="Note: why it may block again"><input name="note" required maxlength="200" /></${Field}><button type="submit">Close the breaker</button></form>`}
    ${error && html`<${Fault} error=${error} />`}</section>`;
}

const CAUSES = {
  rule: "The rule, or the version that it came with, is new: look at what it says.",
  version: "The version is new: look at its thresholds, or go back to the one before.",
  traffic: "The same version had decided all of them: it is the payments that changed.",
};

const held = ({ whole, rules, version }) => (whole ? `Version ${version}` : `${rules.length === 1 ? "Rule" : "Rules"} ${rules.join(", ")}`);

const share = ({ whole, rules, limits }) => (whole ? limits.share : Math.min(...rules.map((code) => limits.rules[code] ?? limits.rule_share)));

const counted = ({ payments }) => (payments < 100 ? ", of a hundred where there are fewer" : "");
