// The rules that decide: what each held for, how right it was, and the versions that a policy has had and may have.

import { useState } from "preact/hooks";
import { ApiError, call, content, may, query, useLoaded } from "../api.js";
import { Badge, Empty, Fault, Field, Loaded, State, Table, Time, go, html, to, useModule } from "../element.js";
import { count, money, NONE, percent } from "../format.js";

const DAYS = [["7", "7 days"], ["30", "30 days"], ["90", "90 days"]];
const VERSIONS = 20;

export default function Rules({ route }) {
  const { event_type: type = "payment", days = "30" } = route.query;
  const set = (changed) => go("rules", { event_type: type === "payment" ? "" : type, days, ...changed });
  const versions = useLoaded(() => call(`api/v1/policy/versions${query({ event_type: type, limit: VERSIONS })}`), type);
  const active = versions.value?.versions.find((one) => one.state === "active");
  const found = useLoaded(() => (active ? Promise.all([
    call(`api/v1/policy/versions/${active.version}${query({ event_type: type })}`),
    active.rules ? call(`api/v1/policy/rules/statistics${query({ event_type: type, days })}`).catch((error) => ({ rules: [], error })) : { rules: [] }]) : Promise.resolve(null)), `${type} ${days} ${active?.digest}`);
  return html`
    <div class="headline"><h1>Rules</h1><div class="actions">
      <label class="check"><span>Event type</span> <input value=${type} onChange=${(event) => set({ event_type: event.target.value.trim() })} /></label>
      <select class="narrow" aria-label="Span" onChange=${(event) => set({ days: event.target.value })}>${DAYS.map(([code, name]) => html`<option value=${code} selected=${code === days}>${name}</option>`)}</select></div></div>
    <${Loaded} of=${versions}>${(value) => html`
      ${value.breaker?.open && html`<${Later} load=${() => import("./breaker.js")} type=${type} of=${value.breaker} again=${versions.again} />`}
      <${Loaded} of=${found}>${(both) => both && html`<${Active} policy=${both[0]} statistics=${both[1]} type=${type} />`}</${Loaded}>
      <section class="panel"><h2>Versions</h2><div class="list"><${Table} caption="Versions" rows=${value.versions} keyed=${(one) => one.version} columns=${[
        { title: "Version", cell: (one) => html`<a href=${to(["rules", one.version], type === "payment" ? {} : { event_type: type })}>${one.version}</a>` },
        { title: "State", cell: (one) => html`<${State} of=${one.state} />` }, { title: "Rules", number: true, cell: (one) => count(one.rules) },
        { title: "Made", cell: (one) => html`<${Time} at=${one.created_at} />` }, { title: "Note", cell: (one) => one.note || NONE }]} /></div></section>
      ${may("admin") && active && html`<${NewDraft} active=${active} type=${type} />`}`}</${Loaded}>`;
}

/** A part that few need, fetched where it is needed. */
function Later({ load, ...given }) {
  const Part = useModule(load);
  return Part && html`<${Part} ...${given} />`;
}

/** The rules in force with what they did, those that never held or never alone among them. */
function Active({ policy, statistics, type }) {
  const by = new Map(statistics.rules.map((one) => [one.code, one]));
  if (!policy.rules.length) {
    return html`<${Empty} title="No rule is in force: the thresholds alone decide"><p>Begin with a rule below, or write one of your own in a new draft.</p></${Empty}>
      <${Later} load=${() => import("./library.js")} policy=${policy} type=${type} />`;
  }
  const figure = (one, name, show = count) => (by.has(one.code) ? show(by.get(one.code)[name]) : NONE);
  return html`<section class="panel"><h2>In force: version ${policy.version}</h2>
    <div class="list"><${Table} caption="Rules in force" rows=${policy.rules} keyed=${(one) => one.code} columns=${[
      { title: "Rule", cell: (one) => html`<code>${one.code}</code><br /><span class="quiet">${one.text}</span>` },
      { title: "Gives", cell: (one) => html`<${Badge} of=${one.outcome} />` },
      { title: "Held for", number: true, cell: (one) => html`<a href=${to("payments", { rule: one.code, ...(type === "payment" ? {} : { event_type: type }) })}>${figure(one, "hits")}</a>` },
      { title: "Share", number: true, cell: (one) => figure(one, "share", (share) => percent(share, 2)) }, { title: "Money", number: true, cell: (one) => figure(one, "amount", money) },
      { title: "Accounts", number: true, cell: (one) => (by.get(one.code)?.accounts_at_least ? `${figure(one, "accounts")}+` : figure(one, "accounts")) },
      { title: "Precision", number: true, cell: (one) => precision(by.get(one.code)) }, { title: "Alone", number: true, cell: (one) => figure(one, "alone") },
      { title: "Worth knowing", cell: (one) => remark(one, by.get(one.code), policy, !statistics.error) }]} /></div>
    ${statistics.error ? html`<${Fault} error=${statistics.error} />` : html`<p class="quiet">Of ${count(statistics.decisions)} decisions from ${statistics.since} to ${statistics.until} (UTC), files apart. Precision is of those with a label.</p>`}</section>`;
}

const precision = (one) => (one && one.false_positive_share !== null ? html`${percent(1 - one.false_positive_share, 0)} <span class="quiet">of ${count(one.labelled_fraud + one.labelled_genuine)}</span>` : NONE);

function remark(rule, figures, policy, known) {
  if (policy.expired?.includes(rule.code)) return "expired: it is not asked any more";
  if (!figures?.hits) return known ? "never held" : NONE;
  if (figures.only_beside) return html`never without <code>${figures.only_beside}</code>`;
  return figures.not_evaluated ? `not evaluated ${count(figures.not_evaluated)} times` : NONE;
}

/** A draft begins as what is in force: nothing is decided by it. */
function NewDraft({ active, type }) {
  const [error, setError] = useState(null);
  const make = async (event) => {
    event.preventDefault();
    const note = String(new FormData(event.target).get("note"));
    try {
      const from = await call(`api/v1/policy/versions/${active.version}${query({ event_type: type })}`);
      const made = await call("api/v1/policy/versions", { method: "POST", body: { ...content(from), event_type: type, based_on: active.version, note } });
      go(["rules", made.version], type === "payment" ? {} : { event_type: type });
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      setError(refused);
    }
  };
  return html`<form class="panel" onSubmit=${make}><h2>A new draft</h2><div class="row">
    <${Field} label="Note: what it is for"><input name="note" maxlength="200" /></${Field}><button type="submit">Begin with version ${active.version}</button></div>
    ${error && html`<${Fault} error=${error} />`}</form>`;
}
