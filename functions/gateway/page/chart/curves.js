// What a model was measured to do: precision against recall beside its baselines, and risks against what came true.

import { html } from "../element.js";
import { count, percent, words } from "../format.js";

const WIDTH = 480, HEIGHT = 262, LEFT = 60, RIGHT = 26, TOP = 26, BOTTOM = 34;
const LOOKS = ["first", "second", "third", "fourth"]; // lines differ by dashes too, not by colour alone
const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** `curves`: of a manifest, {precision_recall: {name: [[recall, precision]]}, reliability: [[risk, fraud, payments]]}; either may be missing. */
export default ({ of }) => html`
  ${of.precision_recall && html`<${PrecisionRecall} lines=${of.precision_recall} />`}
  ${of.reliability?.length > 0 && html`<${Reliability} bins=${of.reliability} />`}`;

function PrecisionRecall({ lines }) {
  const named = Object.entries(lines).sort(([one], [other]) => (other === "model") - (one === "model")); // the solid line
  const x = linear(LEFT, WIDTH - RIGHT), y = linear(HEIGHT - BOTTOM, TOP);
  const title = "Precision against recall: of what is flagged so much is fraud, where so much of the fraud is flagged";
  return html`
    <figure class="chart curves">
      <${Frame} title=${title} x=${x} y=${y} across=${TICKS} up=${TICKS} bottom="recall" left="precision">
        ${named.map(([name, points], index) => html`<path class="line ${LOOKS[index % LOOKS.length]}" d=${pathOf(points.map(([recall, precision]) => [x(recall), y(precision)]))}><title>${words(name)}</title></path>`)}
      </${Frame}>
      <figcaption><${Legend} names=${named.map(([name]) => name)} /></figcaption>
      <details><summary>Precision and recall as a table</summary>
        <table><thead><tr><th scope="col">Recall</th>${named.map(([name]) => html`<th scope="col" class="number">${words(name)}</th>`)}</tr></thead>
          <tbody>${TICKS.slice(1).map((recall) => html`<tr><td>${percent(recall)}</td>${named.map(([, points]) => html`<td class="number">${percent(precisionAt(points, recall))}</td>`)}</tr>`)}</tbody></table>
      </details>
    </figure>`;
}

function Reliability({ bins }) {
  const shown = bins.filter(([risk, fraud]) => risk > 0 && fraud > 0);
  if (!shown.length) return null;
  const least = Math.floor(Math.log10(Math.min(...shown.flatMap(([risk, fraud]) => [risk, fraud]))));
  const ticks = Array.from({ length: -least + 1 }, (_, at) => 10 ** (least + at));
  const x = logarithmic(least, LEFT, WIDTH - RIGHT), y = logarithmic(least, HEIGHT - BOTTOM, TOP);
  const title = "Risks against what came true: on the line, of payments with a risk of 10 % every tenth is fraud";
  return html`
    <figure class="chart curves">
      <${Frame} title=${title} x=${x} y=${y} across=${ticks} up=${ticks} bottom="risk" left="fraud">
        <line class="axis dashed" x1=${x(10 ** least)} y1=${y(10 ** least)} x2=${x(1)} y2=${y(1)} />
        ${shown.map(([risk, fraud, payments]) => html`<circle class="dot" cx=${x(risk)} cy=${y(fraud)} r="4"><title>risk ${percent(risk)}: ${percent(fraud)} fraud of ${count(Math.round(payments))}</title></circle>`)}
      </${Frame}>
      <figcaption>Each point is a group of payments in which about as many frauds were expected.</figcaption>
      <details><summary>Risks and fraud as a table</summary>
        <table><thead><tr><th scope="col" class="number">Mean risk</th><th scope="col" class="number">Fraud</th><th scope="col" class="number">Payments</th></tr></thead>
          <tbody>${bins.map(([risk, fraud, payments]) => html`<tr><td class="number">${percent(risk)}</td><td class="number">${percent(fraud)}</td><td class="number">${count(Math.round(payments))}</td></tr>`)}</tbody></table>
      </details>
    </figure>`;
}

const Legend = ({ names }) => names.map((name, index) => html`<span class="key"><svg viewBox="0 0 28 8" aria-hidden="true"><path class="line ${LOOKS[index % LOOKS.length]}" d="M0 4H28" /></svg> ${words(name)}</span>`);

const Frame = ({ title, x, y, across, up, bottom, left, children }) => html`
  <div class="scroll" tabindex="0"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label=${title}>
    <title>${title}</title>
    ${up.map((value) => html`<line class="grid" x1=${LEFT} x2=${WIDTH - RIGHT} y1=${y(value)} y2=${y(value)} /><text x=${LEFT - 6} y=${y(value) + 4} text-anchor="end">${tick(value)}</text>`)}
    ${across.map((value) => html`<text x=${x(value)} y=${HEIGHT - BOTTOM + 15} text-anchor="middle">${tick(value)}</text>`)}
    <text x=${(LEFT + WIDTH - RIGHT) / 2} y=${HEIGHT - 3} text-anchor="middle" class="quiet">${bottom}</text>
    <text x="0" y="9" class="quiet">${left}</text>
    ${children}
  </svg></div>`;

const linear = (from, until) => (value) => from + value * (until - from);
const logarithmic = (least, from, until) => (value) => from + ((Math.log10(value) - least) / -least) * (until - from);
const pathOf = (points) => points.map(([x, y], index) => `${index ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

const tick = (value) => `${Number((value * 100).toPrecision(2))} %`;

/** The precision at a recall, between the points beside it. */
export function precisionAt(points, recall) {
  const after = points.findIndex(([at]) => at >= recall);
  if (after <= 0) return points.at(after)[1];
  const [[fromX, fromY], [toX, toY]] = [points[after - 1], points[after]];
  return fromY + ((recall - fromX) / (toX - fromX || 1)) * (toY - fromY);
}
