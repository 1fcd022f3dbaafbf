// How risks are spread, with both thresholds drawn in. Most risks are tiny and few are large: both axes are logarithmic.

import { html } from "../element.js";
import { count, risk } from "../format.js";

const WIDTH = 640, HEIGHT = 120, LEFT = 8, TOP = 30, STEPS = 10_000;
const x = (value) => LEFT + (Math.log10(1 + value * STEPS) / Math.log10(1 + STEPS)) * (WIDTH - 2 * LEFT);

/** `bins`: {lower, upper, transactions}, as the API counts them. */
export function Risks({ bins, thresholds }) {
  const most = Math.max(1, ...bins.map((one) => one.transactions));
  const tall = (number) => (Math.log10(1 + number) / Math.log10(1 + most)) * HEIGHT;
  const total = bins.reduce((sum, one) => sum + one.transactions, 0);
  const title = `Risks of ${count(total)} decisions; review from ${risk(thresholds.review)}, block from ${risk(thresholds.block)}`;
  const base = TOP + HEIGHT;
  const look = (one) => (one.lower >= thresholds.block ? "block" : one.upper > thresholds.review ? "review" : "approve");
  return html`
    <figure class="chart">
      <div class="scroll" tabindex="0"><svg viewBox="0 0 ${WIDTH} ${base + 18}" role="img" aria-label=${title}>
        <title>${title}</title>
        ${bins.map((one) => html`<g><title>${risk(one.lower)} to ${risk(one.upper)}: ${count(one.transactions)}</title>
          <rect class="bar ${look(one)}" x=${x(one.lower) + 0.5} width=${Math.max(1, x(one.upper) - x(one.lower) - 1)} y=${base - tall(one.transactions)} height=${tall(one.transactions)} /></g>`)}
        <line class="axis" x1=${LEFT} x2=${WIDTH - LEFT} y1=${base} y2=${base} />
        ${[["review", thresholds.review], ["block", thresholds.block]].map(([name, at]) => html`
          <g class="limit drawn"><line x1=${x(at)} x2=${x(at)} y1=${TOP - 12} y2=${base} /><text x=${x(at)} y=${TOP - 17} text-anchor="middle">${name} ${risk(at)}</text></g>`)}
        ${[0, 0.001, 0.01, 0.1, 1].map((at) => html`<text x=${x(at)} y=${base + 14} text-anchor=${at === 0 ? "start" : at === 1 ? "end" : "middle"}>${at * 100} %</text>`)}
      </svg></div>
      <details><summary>The same as a table</summary>
        <table><thead><tr><th scope="col">Risk</th><th scope="col" class="number">Payments</th></tr></thead>
          <tbody>${bins.filter((one) => one.transactions > 0).map((one) => html`<tr><td>${risk(one.lower)} to ${risk(one.upper)}</td><td class="number">${count(one.transactions)}</td></tr>`)}</tbody></table>
      </details>
    </figure>`;
}
