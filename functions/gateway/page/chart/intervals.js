// Differences with their intervals: a point and a line each on one scale, beside the line of no difference.

import { html } from "../element.js";
import { words } from "../format.js";

const WIDTH = 640, ROW = 30, LABELS = 150, RIGHT = 16, TOP = 20;
export const points = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value * 100).toFixed(2)}`;

/** `rows`: {name, difference, low, high}, shares; `good` says of a measure whether more of it is better. */
export function Intervals({ rows, title, good }) {
  const drawn = rows.filter((one) => one.low !== null && one.high !== null && one.difference !== null);
  if (!drawn.length) return null;
  const most = Math.max(0.0001, ...drawn.flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)]));
  const x = (value) => LABELS + ((value + most) / (2 * most)) * (WIDTH - LABELS - RIGHT);
  const height = TOP + drawn.length * ROW + 22;
  const look = ({ name, low, high }) => (low > 0 === high > 0 && low !== 0 && high !== 0 ? ((low > 0) === good(name) ? "approve" : "block") : "plain");
  return html`
    <figure class="chart">
      <div class="scroll" tabindex="0"><svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label=${title}>
        <title>${title}</title>
        <line class="axis" x1=${x(0)} x2=${x(0)} y1=${TOP - 6} y2=${height - 18} />
        <text x=${x(0)} y="10" text-anchor="middle">no difference</text>
        ${drawn.map((one, index) => {
          const y = TOP + index * ROW + ROW / 2;
          return html`<g class="interval"><title>${words(one.name)}: ${points(one.difference)} points, ${points(one.low)} to ${points(one.high)}</title>
            <text x="0" y=${y + 4}>${words(one.name)}</text>
            <rect class="bar ${look(one)}" x=${x(one.low)} y=${y - 3} width=${Math.max(2, x(one.high) - x(one.low))} height="6" rx="3" />
            <circle class="bar ${look(one)}" cx=${x(one.difference)} cy=${y} r="7" /></g>`;
        })}
        ${[-most, most].map((value) => html`<text x=${x(value)} y=${height - 4} text-anchor=${value < 0 ? "start" : "end"}>${points(value)} points</text>`)}
      </svg></div>
    </figure>`;
}
