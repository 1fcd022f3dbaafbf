// Why it was decided so: reasons in words, and how the margin came about, from the base by what each feature added or took.

import { html } from "../element.js";
import { signed, words } from "../format.js";

const WIDTH = 640, ROW = 26, LABELS = 220, RIGHT = 64;

/** `says` are the sentences of reasons by feature; where there is none, the feature's name and value stand. */
function Waterfall({ base, margin, contributions, says = {} }) {
  const steps = stepsOf(base, contributions);
  const all = steps.flatMap(({ from, until }) => [from, until]).concat(0);
  const low = Math.min(...all), span = Math.max(...all) - low || 1;
  const x = (value) => LABELS + ((value - low) / span) * (WIDTH - LABELS - RIGHT);
  const height = (steps.length + 2) * ROW + 8;
  const sum = steps.reduce((total, { by }) => total + by, base);
  const title = `Base ${signed(base)} and ${steps.length} features add up to the margin ${signed(sum)}`;
  return html`
    <figure class="chart waterfall">
      <div class="scroll" tabindex="0"><svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label=${title}>
        <title>${title}</title>
        <line class="axis" x1=${x(0)} x2=${x(0)} y1="0" y2=${height} />
        ${row(0, "Base of the model", x(low === base ? low : Math.min(base, 0)), x(Math.max(base, 0)), signed(base), "total")}
        ${steps.map(({ feature, by, from, until }, index) => row(
          index + 1, words(feature), x(Math.min(from, until)), x(Math.max(from, until)), signed(by), by < 0 ? "down" : "up",
        ))}
        ${row(steps.length + 1, "Margin", x(Math.min(sum, 0)), x(Math.max(sum, 0)), signed(sum), "total")}
      </svg></div>
      <figcaption>Right and red raises the risk, left and green lowers it. ${Math.abs(sum - margin) < 1e-6 ? "The shares add up to the margin exactly." : `The margin that decided is ${signed(margin)}.`}</figcaption>
      <details>
        <summary>The same as a table</summary>
        <table>
          <thead><tr><th scope="col">Feature</th><th scope="col" class="number">Value</th><th scope="col" class="number">Share</th><th scope="col">In words</th></tr></thead>
          <tbody>
            <tr><td>Base of the model</td><td></td><td class="number">${signed(base, 4)}</td><td></td></tr>
            ${steps.map(({ feature, value, by }) => html`<tr><td>${words(feature)}</td><td class="number">${String(value ?? "")}</td>
              <td class="number">${signed(by, 4)}</td><td>${says[feature] || ""}</td></tr>`)}
            <tr><th scope="row">Margin</th><td></td><td class="number">${signed(sum, 4)}</td><td></td></tr>
          </tbody>
        </table>
      </details>
    </figure>`;
}

/** The largest share first; each begins where the one before it ended. */
function stepsOf(base, contributions) {
  const sorted = [...contributions].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
  let at = base;
  return sorted.map(({ feature, value, contribution }) => {
    const from = at;
    at += contribution;
    return { feature, value, by: contribution, from, until: at };
  });
}

const row = (index, label, from, until, text, kind) => html`
  <g class="step ${kind}">
    <text x=${LABELS - 10} y=${index * ROW + 19} text-anchor="end">${label}</text>
    <rect x=${from} y=${index * ROW + 6} width=${Math.max(1.5, until - from)} height=${ROW - 9} rx="2" />
    <text x=${until + 6} y=${index * ROW + 19}>${text}</text>
  </g>`;

/** The shares are the model's; where rules decided there are none. */
export const Shares = ({ of }) => (of.contributions?.length && typeof of.base === "number"
  ? html`<${Waterfall} base=${of.base} margin=${of.margin} contributions=${of.contributions} says=${Object.fromEntries((of.reasons || []).map((one) => [one.feature, one.text]))} />`
  : html`<p class="quiet">No model took part: there are no shares to show.</p>`);

export function Reasons({ reasons, decision }) {
  if (!reasons?.length) return html`<p>${decision === "approve" ? "Nothing stood out: the risk is below both thresholds." : "No reason was kept with it."}</p>`;
  return html`<ul class="reasons">${reasons.map((one) => html`
    <li>${typeof one.contribution === "number" ? html`<b class=${one.contribution < 0 ? "down" : ""}>${signed(one.contribution)}</b>` : html`<b>rule</b>`}
      <span>${one.text} <code class="quiet">${one.code}</code></span></li>`)}</ul>`;
}
