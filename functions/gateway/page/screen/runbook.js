// What to do when an alarm goes off: docs/runbook.md as it came with this release, at the alarm that was asked for first.

import { useEffect } from "preact/hooks";
import { useLoaded } from "../api.js";
import { Empty, Facts, Loaded, html, to } from "../element.js";
import { cells, document as written, inline, placeOf } from "../markdown.js";

export default function Runbook({ route }) {
  const [asked] = route.rest;
  const found = useLoaded(fetched, "runbook");
  const place = route.query.at;
  useEffect(() => {
    const heading = place && document.getElementById(place);
    heading?.scrollIntoView();
    heading?.focus();
  }, [place, found.value]);
  return html`<${Loaded} of=${found}>${(text) => html`
    ${asked && html`<${Asked} of=${asked} text=${text} />`}
    ${written(text, target)}`}</${Loaded}>`;
}

/** The line of one alarm, above the whole. */
function Asked({ of, text }) {
  const row = text.split("\n").filter((line) => line.startsWith("|")).map(cells).find(([names]) => names.includes(`\`${of}\``));
  if (!row) return html`<${Empty} title="The runbook has no such alarm"><p>All that it has are below.</p></${Empty}>`;
  const [, severity, meaning, todo] = row.map((cell) => inline(cell, target));
  return html`<section class="panel" aria-label=${of}><h2>${of}</h2><${Facts} of=${[["Severity", severity], ["What it means", meaning], ["What to do", todo]]} /></section>`;
}

async function fetched() {
  const response = await fetch(new URL("../vendor/runbook.md", import.meta.url));
  if (!response.ok) throw Object.assign(new Error("It is docs/runbook.md of the project too."), { title: "The runbook could not be loaded" });
  return response.text();
}

/** Places of the document itself are gone to; other documents are not here, and stand as text. */
function target(reference) {
  return reference.startsWith("#") ? to(["runbook"], { at: placeOf(reference.slice(1)) }) : null;
}
