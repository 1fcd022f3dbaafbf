// The filters of lists of payments: in the address, each with a control.

import { Field, go, html, to } from "./element.js";

const TYPES = ["PAYMENT", "TRANSFER", "CASH_OUT", "CASH_IN", "DEBIT"];
const KNOWN = {
  outcome: { label: "Outcome", options: [["", "any"], ["review,block", "flagged"], "approve", "review", "block"] },
  labelled: { label: "Label", options: [["", "any"], ["false", "none yet"], ["true", "labelled"]] },
  start_date: { label: "From", type: "date" },
  end_date: { label: "Until", type: "date" },
  account: { label: "Account", hint: "sender or receiver" },
  min_amount: { label: "Amount from", type: "number" },
  max_amount: { label: "Amount to", type: "number" },
  sort: { label: "Order", options: [["", "newest first"], ["expected_loss", "expected loss"]] },
  min_risk: { label: "Risk from", type: "number", hint: "0 to 1" },
  max_risk: { label: "Risk to", type: "number", hint: "0 to 1" },
  type: { label: "Type", options: [["", "any"], ...TYPES] },
  label: { label: "Labelled as", options: [["", "any"], "fraud", "genuine"] },
  source: { label: "Source", options: [["", "any"], "api", "queue", "batch", "store"] },
  event_type: { label: "Event type", hint: "payment where empty" },
  entity: { label: "Entity", hint: "name:value, as device:d-1" },
  reason: { label: "Reason", hint: "its code" },
  rule: { label: "Rule or condition", hint: "its code" },
  job_id: { label: "File", hint: "the job's id" },
  model_version: { label: "Model version" },
  policy_version: { label: "Policy version", type: "number" },
  shown: { label: "Own field", hint: "field=value, with an event type" },
};

/**
 * The controls of a screen: `first` are always there, `more` behind a summary; `own` says more of some of them, and `keep`
 * stays in the address when they are cleared.
 */
export function Filters({ screen, first, more, filters, own = {}, keep = {} }) {
  const active = more.filter((name) => filters[name]).length;
  const set = (name, value) => go(screen, { ...filters, ...keep, [name]: value });
  const field = (name) => html`<${Filter} key=${name} of=${{ ...KNOWN[name], ...own[name] }} value=${filters[name] || ""} set=${(value) => set(name, value)} />`;
  return html`
    <form class="filters" onSubmit=${(event) => event.preventDefault()} aria-label="Filters">
      <div class="row">${first.map(field)}</div>
      <details open=${active > 0}>
        <summary>More filters${active > 0 ? ` (${active} in use)` : ""}</summary>
        <div class="row">${more.map(field)}</div>
      </details>
      ${Object.values(filters).some(Boolean) && html`<a href=${to(screen, keep)}>Clear all filters</a>`}
    </form>`;
}

/** A filter counts when it is left, or with Enter: each is a new entry of the browser's history. */
const Filter = ({ of, value, set }) => html`
  <${Field} label=${of.label}>
    ${of.options
      ? html`<select value=${value} onChange=${(event) => set(event.target.value)}>${of.options.map((option) => {
          const [code, text] = Array.isArray(option) ? option : [option, option];
          return html`<option value=${code} selected=${code === value}>${text}</option>`;
        })}</select>`
      : html`<input type=${of.type || "text"} step="any" value=${value} placeholder=${of.hint || ""} onChange=${(event) => set(event.target.value.trim())} />`}
  </${Field}>`;

/** What is asked of the API for the filters of the address. */
export function parameters({ shown = "", ...filters }) {
  const [field, ...value] = shown.split("=");
  const entity = filters.entity ? { entity: escapedEntity(filters.entity) } : {};
  return Object.fromEntries(Object.entries({ ...filters, ...entity, ...(value.length ? { [field]: value.join("=") } : {}) }).filter(([, one]) => one !== ""));
}

/** The value of an entity is percent-encoded once more. */
function escapedEntity(text) {
  const [name, ...value] = text.split(":");
  return `${name}:${encodeURIComponent(value.join(":"))}`;
}
