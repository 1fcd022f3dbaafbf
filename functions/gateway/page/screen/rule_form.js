// One rule of a draft: its expression is checked while it is written, and tried on a payment.

import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, asSent, call, path } from "../api.js";
import { Badge, Fault, Field, html } from "../element.js";
import { spelled } from "../format.js";

const PAUSE_MS = 400; // of whoever writes, before it is checked

/** `rule` as the API has it; `put` takes it changed, `drop` takes it out. */
export default function RuleForm({ rule, type, put, drop }) {
  const [open] = useState(!rule.code); // a new one is there to be written
  const set = (name, value) => {
    const { [name]: gone, ...rest } = rule;
    put(value === "" || value === false || value === null ? rest : { ...rule, [name]: value });
  };
  const flag = (name, text, value = true) => html`<label class="check"><input type="checkbox" checked=${rule[name] === value} onChange=${(event) => set(name, event.target.checked ? value : null)} /> ${text}</label>`;
  return html`<details class="panel rule" open=${open}><summary><code>${rule.code || "a new rule"}</code> <${Badge} of=${rule.outcome} /> <span class="quiet">${rule.text || ""}</span></summary>
    <div class="row">
      <${Field} label="Code"><input value=${rule.code} required pattern="[a-z][a-z0-9_]*" onChange=${(event) => put({ ...rule, code: event.target.value.trim() })} /></${Field}>
      <${Field} label="Gives"><select onChange=${(event) => put({ ...rule, outcome: event.target.value })}>${["review", "block", "approve"].map((one) => html`<option selected=${one === rule.outcome}>${one}</option>`)}</select></${Field}>
      <${Field} label="Until"><input type="date" value=${(rule.expires_at || "").slice(0, 10)} onChange=${(event) => set("expires_at", event.target.value && `${event.target.value}T00:00:00Z`)} /></${Field}></div>
    <${When} value=${spelled(rule.when)} type=${type} put=${(when) => put({ ...rule, when })} />
    <${Field} label="Sentence"><input value=${rule.text || ""} maxlength="300" onChange=${(event) => set("text", event.target.value)} /></${Field}>
    ${rule.outcome === "approve" ? flag("overrides_block", "lowers a block, too") : flag("otherwise", "review where it could not be read", "review")}
    <button type="button" class="small outline" onClick=${drop}>Take the rule out</button></details>`;
}

/** An expression, with what is wrong with it and where. */
function When({ value, type, put }) {
  const [text, setText] = useState(value);
  const [state, setState] = useState({}); // {found} or {error}, for `text`
  const asked = useRef("");
  useEffect(() => {
    if (!text.trim()) return undefined;
    const timer = setTimeout(async () => {
      asked.current = text;
      const put = (next) => asked.current === text && setState({ ...next, text });
      try {
        put({ found: await call("api/v1/policy/check", { method: "POST", body: { event_type: type, when: text } }) });
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        put({ error });
      }
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, type]);
  const change = (next) => { setText(next); put(next); };
  const now = state.text === text ? state : {};
  return html`<${Field} label="When"><textarea class="when" rows="3" spellcheck=${false} value=${text} aria-invalid=${now.error ? "true" : undefined} onInput=${(event) => change(event.target.value)} /></${Field}>
    <div role="status">${now.error && html`<${Wrong} text=${text} error=${now.error} change=${change} />`}
      ${now.found && html`<p class="quiet">✓ reads ${read(now.found)}</p>`}</div>
    <${Tried} text=${text} type=${type} names=${now.found ? [...now.found.fields, ...now.found.aggregates] : []} />`;
}

const read = ({ fields = [], aggregates = [], lists = [] }) => [...fields, ...aggregates, ...lists.map((name) => `list ${name}`)].join(", ") || "nothing of the payment";

/** What is wrong, at its position, and what may have been meant. */
function Wrong({ text, error, change }) {
  const [first] = error.errors;
  if (first?.position === undefined) return html`<${Fault} error=${error} />`;
  const at = first.position, [word = ""] = /^\w*/.exec(text.slice(at));
  return html`<div class="fault"><p>${first.detail}</p>
    <pre tabindex="0"><code>${text.slice(0, at)}<mark>${text.slice(at, at + Math.max(1, word.length)) || " "}</mark>${text.slice(at + Math.max(1, word.length))}</code></pre>
    <p class="quiet">character ${at + 1} ${first.suggestion && html`<button type="button" class="small outline" onClick=${() => change(text.slice(0, at) + first.suggestion + text.slice(at + word.length))}>Use ${first.suggestion}</button>`}</p></div>`;
}

const STATES = { held: "It holds", not_held: "It does not hold", not_evaluated: "It cannot be evaluated" };

/** Whether it holds for a payment that is stored, with the values that it reads. */
function Tried({ text, type, names }) {
  const [id, setId] = useState("");
  const [state, setState] = useState({});
  const run = async () => {
    try {
      const { transaction, first_decision: decided } = await call(path`api/v1/database/transactions/${id.trim()}`);
      const kept = Object.entries({ ...decided?.velocity, ...decided?.aggregates }).filter(([name, value]) => names.includes(name) && typeof value === "number");
      const risk = typeof decided?.risk === "number" ? { risk: decided.risk } : {};
      setState({ found: await call("api/v1/policy/check", { method: "POST", body: { event_type: type, when: text, transaction: asSent(transaction), values: Object.fromEntries(kept), ...risk } }) });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setState({ error });
    }
  };
  return html`<div class="note unprinted"><label>Try it on a payment<input placeholder="its transaction id" value=${id} onInput=${(event) => setId(event.target.value)} /></label>
    <button type="button" class="small outline" disabled=${!id.trim()} onClick=${run}>Try</button></div>
    ${state.error && html`<${Fault} error=${state.error} />`}
    ${state.found && html`<p role="status"><strong>${STATES[state.found.state] || state.found.state}</strong>: <code>${state.found.text_with_values || state.found.text}</code> ${state.found.why || ""}</p>`}`;
}
