// From a payment to a list: its account or another thing that it names is blocked for a while, or trusted.

import { useState } from "preact/hooks";
import { ApiError, announce, call, path, useLoaded } from "../api.js";
import { Fault, Field, Loaded, fieldTitle, html, to } from "../element.js";

const DAYS = 30, DAY_MS = 86_400_000;

/** What of the payment may be on a list: accounts, and the entities of its type. */
export default function Listing({ transaction }) {
  const id = transaction.transaction_id, type = transaction.event_type;
  const found = useLoaded(async () => {
    const [{ lists }, own] = await Promise.all([call("api/v1/policy/lists"), type && type !== "payment" ? call(path`api/v1/policy/event-types/${type}`) : null]);
    return { lists, things: thingsOf(transaction, own?.fields || {}) };
  }, id);
  return html`<${Loaded} of=${found}>${({ lists, things }) => (things.length ? html`<${Choice} id=${id} lists=${lists} things=${things} />` : html`<p class="quiet">It names nothing that could be on a list.</p>`)}</${Loaded}>`;
}

function thingsOf(transaction, fields) {
  const accounts = [["nameOrig", "Sender"], ["nameDest", "Receiver"]].map(([field, name]) => ({ kind: "account", name, value: transaction[field] }));
  const own = Object.entries(fields).filter(([field, one]) => one.entity && field !== "nameOrig" && field !== "nameDest")
    .map(([field, one]) => ({ kind: one.entity === true ? field : one.entity, name: fieldTitle(field), value: transaction[field] }));
  return [...accounts, ...own].filter((one) => one.value).map((one) => ({ ...one, value: String(one.value) }));
}

function Choice({ id, lists, things }) {
  const [thing, setThing] = useState(0);
  const [error, setError] = useState(null);
  const { kind, value } = things[thing];
  const fitting = lists.filter((one) => one.kind === kind);
  const add = async (list, expires) => {
    try {
      const expires_at = expires ? new Date(Date.now() + DAYS * DAY_MS).toISOString().replace(/\.\d+Z/, "Z") : undefined;
      await call(path`api/v1/policy/lists/${list}/entries`, { method: "POST", body: { value, note: `Payment ${id}`, ...(expires ? { expires_at } : {}) } });
      announce(`${value} is on ${list}${expires ? ` for ${DAYS} days` : ""}; it counts within a minute`);
      setError(null);
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      setError(refused);
    }
  };
  return html`
    <${Field} label="What"><select onChange=${(event) => setThing(Number(event.target.value))}>${things.map((one, at) => html`<option value=${at} selected=${at === thing}>${one.name} ${one.value}</option>`)}</select></${Field}>
    ${fitting.length ? html`<ul class="plain">${fitting.map((one) => html`<li class="row"><a href=${to(["lists", one.name])}>${one.name}</a> <span class="quiet">${one.description}</span>
        <button type="button" class="small outline" onClick=${() => add(one.name, true)}>Add for ${DAYS} days</button> <button type="button" class="small outline" onClick=${() => add(one.name, false)}>Add for good</button></li>`)}</ul>`
        : html`<p class="quiet">No list holds values of the kind <code>${kind}</code>. <a href=${to("lists")}>Make one</a>.</p>`}
    ${error && html`<${Fault} error=${error} />`}`;
}
