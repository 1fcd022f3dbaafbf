// What came and what was flagged, day by day or hour by hour: all payments above, those held back below, on a scale of their own.

import { html } from "../element.js";
import { compact, count, money } from "../format.js";

const WIDTH = 1040, UPPER = 90, LOWER = 70, GAP = 26, LEFT = 46, BOTTOM = 20, TOP = 14;

/** `rows`: {name, short, all} and a figure for each of `parts`, which lie on each other; `unit` is "count" or "money". */
export function Outcomes({ rows, unit, title, parts = { review: "Review", block: "Block" }, note }) {
  const shown = unit === "money" ? money : count;
  const names = Object.keys(parts), [first, ...others] = Object.values(parts);
  const step = (WIDTH - LEFT) / Math.max(1, rows.length);
  const wide = Math.max(1, Math.min(48, step - 3));
  const held = (row) => names.reduce((sum, name) => sum + row[name], 0);
  const mostAll = Math.max(1, ...rows.map((one) => one.all));
  const mostHeld = Math.max(1, ...rows.map(held));
  const x = (index) => LEFT + index * step + (step - wide) / 2;
  const middle = TOP + UPPER, lower = middle + GAP, end = names.length ? lower + LOWER : middle;
  const every = Math.ceil(rows.length / 12); // names that fit below each other
  const bars = (row, index) => {
    let y = end;
    return names.map((name) => {
      const height = (row[name] / mostHeld) * LOWER;
      y -= height;
      return html`<rect class="bar ${name}" x=${x(index)} y=${y} width=${wide} height=${height} />`;
    });
  };
  return html`
    <figure class="chart wide">
      <div class="scroll" tabindex="0"><svg viewBox="0 0 ${WIDTH} ${end + BOTTOM}" role="img" aria-label=${title}>
        <title>${title}</title>
        <text x="0" y="9" class="quiet">All, at most ${compact(mostAll)}</text><line class="axis" x1=${LEFT} x2=${WIDTH} y1=${middle} y2=${middle} />
        ${names.length > 0 && html`<text x="0" y=${lower - 6} class="quiet">${[first, ...others.map((name) => name.toLowerCase())].join(" and ")}, at most ${compact(mostHeld)}</text>
          <line class="axis" x1=${LEFT} x2=${WIDTH} y1=${end} y2=${end} />`}
        ${rows.map((one, index) => html`<g>
          <title>${[`${one.name}: ${shown(one.all)} in all`, ...names.map((name) => `${shown(one[name])} ${parts[name].toLowerCase()}`)].join(", ")}</title>
          <rect class="bar plain" x=${x(index)} y=${middle - (one.all / mostAll) * UPPER} width=${wide} height=${(one.all / mostAll) * UPPER} />
          ${bars(one, index)}
          ${index % every === 0 && html`<text x=${x(index) + wide / 2} y=${end + 14} text-anchor="middle">${one.short}</text>`}
        </g>`)}
      </svg></div>
      ${note && html`<figcaption>${note}</figcaption>`}
      <details><summary>The same as a table</summary>
        <table><thead><tr><th scope="col">When</th>${["All", ...Object.values(parts)].map((name) => html`<th scope="col" class="number">${name}</th>`)}</tr></thead>
          <tbody>${rows.map((one) => html`<tr><td>${one.name}</td>${["all", ...names].map((name) => html`<td class="number">${shown(one[name])}</td>`)}</tr>`)}</tbody></table>
      </details>
    </figure>`;
}
