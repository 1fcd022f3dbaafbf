// What came and what was flagged, day by day or hour by hour: all payments above, those held back below, on a scale of their own.

import { html } from "../element.js";
import { compact, count, money } from "../format.js";

const WIDTH = 1040, UPPER = 90, LOWER = 70, GAP = 26, LEFT = 46, BOTTOM = 20;

/** `rows`: {name, all, review, block}; `unit` is "count" or "money". Where outcomes are not told apart, `review` is all that is flagged. */
export function Outcomes({ rows, unit, title }) {
  const shown = unit === "money" ? money : count;
  const step = (WIDTH - LEFT) / Math.max(1, rows.length);
  const wide = Math.max(1, Math.min(48, step - 3));
  const mostAll = Math.max(1, ...rows.map((one) => one.all));
  const mostFlagged = Math.max(1, ...rows.map((one) => one.review + one.block));
  const x = (index) => LEFT + index * step + (step - wide) / 2;
  const top = 14, middle = top + UPPER, lower = middle + GAP, end = lower + LOWER;
  const every = Math.ceil(rows.length / 12); // names that fit below each other
  return html`
    <figure class="chart wide">
      <div class="scroll" tabindex="0"><svg viewBox="0 0 ${WIDTH} ${end + BOTTOM}" role="img" aria-label=${title}>
        <title>${title}</title>
        <text x="0" y="9" class="quiet">All, at most ${compact(mostAll)}</text>
        <text x="0" y=${lower - 6} class="quiet">Review and block, at most ${compact(mostFlagged)}</text>
        <line class="axis" x1=${LEFT} x2=${WIDTH} y1=${middle} y2=${middle} /><line class="axis" x1=${LEFT} x2=${WIDTH} y1=${end} y2=${end} />
        ${rows.map((one, index) => {
          const all = (one.all / mostAll) * UPPER, review = (one.review / mostFlagged) * LOWER, block = (one.block / mostFlagged) * LOWER;
          return html`<g>
            <title>${one.name}: ${shown(one.all)} in all, ${shown(one.review)} review, ${shown(one.block)} block</title>
            <rect class="bar plain" x=${x(index)} y=${middle - all} width=${wide} height=${all} />
            <rect class="bar review" x=${x(index)} y=${end - review} width=${wide} height=${review} />
            <rect class="bar block" x=${x(index)} y=${end - review - block} width=${wide} height=${block} />
            ${index % every === 0 && html`<text x=${x(index) + wide / 2} y=${end + 14} text-anchor="middle">${one.short || one.name}</text>`}
          </g>`;
        })}
      </svg></div>
      <details><summary>The same as a table</summary>
        <table><thead><tr><th scope="col">When</th><th scope="col" class="number">All</th><th scope="col" class="number">Review</th><th scope="col" class="number">Block</th></tr></thead>
          <tbody>${rows.map((one) => html`<tr><td>${one.name}</td><td class="number">${shown(one.all)}</td><td class="number">${shown(one.review)}</td><td class="number">${shown(one.block)}</td></tr>`)}</tbody></table>
      </details>
    </figure>`;
}
