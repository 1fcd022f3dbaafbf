// What our own documents are written in, as elements: headings, paragraphs, tables, code, and in a line `code` and links.

import { html } from "./element.js";

const FENCE = "```";
const INLINE = /`([^`]+)`|\[([^\]]+)\]\(([^)]+)\)|\*\*([^*]+)\*\*/g;

/** A document as elements. `target(reference)` is where a link leads, null where the text alone is to stand. */
export function document(text, target) {
  const lines = text.split("\n");
  const found = [];
  for (let at = 0; at < lines.length;) {
    const until = endOf(lines, at);
    found.push(block(lines.slice(at, until), target));
    at = until;
  }
  return found;
}

/** What a reader would call the place of a heading: `Dead letters` is `dead-letters`. */
export const placeOf = (heading) => heading.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");

/** Code, links and what is bold in a line. */
export function inline(text, target) {
  const found = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, shown, reference, bold] = match;
    const href = reference && target(reference);
    found.push(text.slice(from, match.index));
    found.push(code ? html`<code>${code}</code>` : bold ? html`<strong>${bold}</strong>` : href ? html`<a href=${href}>${inline(shown, target)}</a>` : shown);
    from = match.index + whole.length;
  }
  return [...found, text.slice(from)];
}

/** The cells of a table's row. */
export const cells = (line) => line.slice(1, -1).split("|").map((cell) => cell.trim());

function endOf(lines, at) {
  if (lines[at].startsWith(FENCE)) return lines.indexOf(FENCE, at + 1) + 1 || lines.length;
  if (lines[at].startsWith("#") || !lines[at].trim()) return at + 1;
  const table = lines[at].startsWith("|");
  let until = at + 1;
  while (until < lines.length && lines[until].trim() && !/^#|^```/.test(lines[until]) && lines[until].startsWith("|") === table) until += 1;
  return until;
}

function block(lines, target) {
  const [first] = lines;
  if (!first.trim()) return null;
  if (first.startsWith(FENCE)) return html`<pre tabindex="0"><code>${lines.slice(1, -1).join("\n")}</code></pre>`;
  if (first.startsWith("|")) return table(lines, target);
  const [, marks, heading] = /^(#+) (.*)$/.exec(first) || [];
  if (marks) return marks.length === 1 ? html`<h1>${heading}</h1>` : html`<h2 id=${placeOf(heading)} tabindex="-1">${heading}</h2>`;
  return html`<p>${inline(lines.join(" "), target)}</p>`;
}

function table([head, , ...rows], target) {
  const titles = cells(head);
  return html`
    <div class="scroll prose" tabindex="0" role="region" aria-label=${titles[0]}><table>
      <thead><tr>${titles.map((title) => html`<th scope="col">${inline(title, target)}</th>`)}</tr></thead>
      <tbody>${rows.map((row) => html`<tr>${cells(row).map((cell, at) => html`<td data-title=${titles[at].replaceAll("`", "")}>${inline(cell, target)}</td>`)}</tr>`)}</tbody>
    </table></div>`;
}
