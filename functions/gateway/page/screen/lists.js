// Lists that rules ask: what is on them, by whom and until when; added one by one or by a CSV.

import { useState } from "preact/hooks";
import { ApiError, announce, call, may, path, query, sent, usePages, useLoaded } from "../api.js";
import { Drawn, Empty, Fault, Field, Further, Loaded, State, Sure, Table, Time, download, go, html, plural, to } from "../element.js";
import { count, NONE } from "../format.js";

const PAGE = 100, EXPORT_PAGE = 1000, LINES = 9_000; // of a CSV in one call
const WHERE = "api/v1/policy/lists";

export default function Lists({ route }) {
  const [name] = route.rest;
  return name ? html`<${One} key=${name} name=${name} value=${route.query.value || ""} />` : html`<${All} />`;
}

/** Runs what somebody asked for; what the API refuses is shown. */
function useAct() {
  const [error, setError] = useState(null);
  const act = async (work) => {
    try {
      announce(await work());
      setError(null);
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      setError(refused);
    }
  };
  return [error && html`<${Fault} error=${error} />`, act];
}

function All() {
  const lists = useLoaded(() => call(WHERE), "lists");
  const [fault, act] = useAct();
  const make = (event) => {
    event.preventDefault();
    const form = new FormData(event.target), name = String(form.get("name"));
    act(async () => {
      await call(path`api/v1/policy/lists/${name}`, { method: "PUT", body: { kind: String(form.get("kind")), description: String(form.get("description")) } });
      lists.again();
      return `The list ${name} is there`;
    });
  };
  return html`<h1>Lists</h1>
    <${Loaded} of=${lists}>${(value) => (value.lists.length ? html`<div class="list"><${Table} caption="Lists" rows=${value.lists} keyed=${(one) => one.name} columns=${[
      { title: "List", cell: (one) => html`<a href=${to(["lists", one.name])}>${one.name}</a>` }, { title: "Holds", cell: (one) => one.kind }, { title: "For", cell: (one) => one.description || NONE },
      { title: "Made", cell: (one) => html`<${Time} at=${one.created_at} />` }, { title: "By", cell: (one) => one.actor || one.by }]} /></div>`
      : html`<${Empty} title="There is no list yet"><p>${may("admin") ? "Make one below; a rule asks it as" : "An administrator makes lists; a rule asks one as"} <code>nameDest in lists.NAME</code>.</p></${Empty}>`)}</${Loaded}>
    ${may("admin") && html`<form class="panel" onSubmit=${make}><h2>A new list</h2><div class="row">
      <${Field} label="Name"><input name="name" required pattern="[a-z][a-z0-9_]*" title="small letters, digits and underscores" /></${Field}>
      <${Field} label="Holds" hint="account, device or another entity; text or category"><input name="kind" required value="account" /></${Field}>
      <${Field} label="What it is for"><input name="description" maxlength="500" /></${Field}><button type="submit">Make it</button></div></form>`}
    ${fault}`;
}

function One({ name, value }) {
  const where = path`api/v1/policy/lists/${name}/entries`;
  const found = usePages((cursor) => call(`${where}${query({ value, limit: PAGE, cursor })}`), value);
  const rows = found.pages.flatMap((page) => page.entries);
  const [fault, act] = useAct();
  const add = (event) => {
    event.preventDefault();
    const form = event.target, said = new FormData(form), until = said.get("until");
    act(async () => {
      await call(where, { method: "POST", body: { value: String(said.get("value")), note: String(said.get("note")), ...(until ? { expires_at: `${until}T00:00:00Z` } : {}) } });
      form.reset();
      found.again();
      return `${said.get("value")} is on ${name}; it counts within a minute`;
    });
  };
  const load = (file) => act(async () => {
    const total = await sendLines(where, await file.text());
    found.again();
    return `${plural(total.added + total.changed, "value")} added, ${count(total.unchanged)} there before${total.failed ? `, ${plural(total.failed, "line")} refused: line ${total.first.line}, ${total.first.detail}` : ""}`;
  });
  const remove = (one) => act(async () => {
    await call(`${where}/${encodeURIComponent(one.value)}`, { method: "DELETE" });
    found.again();
    return `${one.value} has left ${name}`;
  });
  const save = () => act(async () => {
    const { allPages } = await import("../csv.js");
    download(await allPages((cursor) => sent(`${where}${query({ limit: EXPORT_PAGE, cursor })}`, { accept: "text/csv" })), `${name}.csv`);
    return "";
  });
  return html`<p class="quiet"><a href=${to("lists")}>Lists</a> /</p>
    <div class="headline"><h1 class="id">${name}</h1><div class="actions"><button type="button" class="small outline" onClick=${save}>Export as CSV</button></div></div>
    ${fault}
    <div class="grid2"><form class="panel" onSubmit=${add}><h2>Add a value</h2><div class="row">
        <${Field} label="Value"><input name="value" required /></${Field}><${Field} label="Note"><input name="note" maxlength="500" /></${Field}>
        <${Field} label="Until"><input name="until" type="date" /></${Field}><button type="submit">Add</button></div></form>
      <div class="panel"><h2>Add a file</h2><label>CSV: value, note, expires_at<input type="file" accept=".csv,text/csv" onChange=${(event) => event.target.files[0] && load(event.target.files[0])} /></label></div></div>
    <form class="filters" aria-label="Filters" onSubmit=${(event) => event.preventDefault()}><div class="row"><${Field} label="Exactly this value"><input type="search" value=${value} onChange=${(event) => go(["lists", name], { value: event.target.value.trim() })} /></${Field}></div></form>
    <${Loaded} of=${found}>${() => html`${rows.length ? html`<div class="list"><${Drawn} key=${value} rows=${rows}>${(drawn) => html`<${Table} caption=${`Entries of ${name}`} rows=${drawn} keyed=${(one) => one.value} columns=${[
      { title: "Value", cell: (one) => html`<span class="id">${one.value}</span>` }, { title: "State", cell: (one) => html`<${State} of=${one.state} />` }, { title: "Note", cell: (one) => one.note || NONE },
      { title: "Added", cell: (one) => html`<${Time} at=${one.added_at} />` }, { title: "Until", cell: (one) => html`<${Time} at=${one.removed_at || one.expires_at} />` }, { title: "By", cell: (one) => one.actor || one.by },
      { title: "", cell: (one) => one.state === "on" && html`<${Sure} ask="Take it off?" act=${() => remove(one)}>Remove</${Sure}>` }]} />`}</${Drawn}></div>`
      : html`<${Empty} title=${value ? "It is not on the list" : "Nothing is on the list"}><p>Add it above.</p></${Empty}>`}
      ${found.cursor !== null && html`<${Further} load=${found.further} />`}`}</${Loaded}>`;
}

/** A file of any length: so many lines in a call, each part with the header. */
async function sendLines(where, text) {
  const { lineOf, rowsOf } = await import("../csv.js");
  const [header = [], ...rows] = rowsOf(text);
  const total = { added: 0, changed: 0, unchanged: 0, failed: 0, first: null };
  for (let at = 0; at < Math.max(1, rows.length); at += LINES) {
    const part = [header, ...rows.slice(at, at + LINES)].map(lineOf).join("");
    const found = await call(where, { method: "POST", text: part, type: "text/csv" });
    for (const name of ["added", "changed", "unchanged", "failed"]) total[name] += found[name];
    total.first ??= found.errors[0] ? { ...found.errors[0], line: found.errors[0].line + at } : null;
  }
  return total;
}
