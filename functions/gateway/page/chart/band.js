// Where an amount lies among others of the same account: what is usual as a band, every other payment as a tick.

import { html } from "../element.js";
import { money } from "../format.js";

const WIDTH = 640, LEFT = 8, TOP = 24, HEIGHT = 18;

/** `amounts` in ascending order; `usual` is the lowest and the highest that are. Amounts spread widely: the scale is logarithmic. */
export default function Band({ amounts, usual: [low, high], amount }) {
  const least = Math.log10(1 + Math.min(amount, amounts[0])), most = Math.log10(1 + Math.max(amount, amounts.at(-1)));
  const x = (value) => LEFT + ((Math.log10(1 + value) - least) / (most - least || 1)) * (WIDTH - 2 * LEFT);
  const says = `Usually between ${money(low)} and ${money(high)}; this one is ${money(amount)}`;
  const label = (value) => Math.min(WIDTH - 50, Math.max(50, x(value)));
  return html`
    <figure class="chart">
      <div class="scroll" tabindex="0"><svg viewBox="0 0 ${WIDTH} 66" role="img" aria-label=${says}>
        <title>${says}</title>
        <line class="axis" x1=${LEFT} x2=${WIDTH - LEFT} y1=${TOP + HEIGHT} y2=${TOP + HEIGHT} />
        <rect class="bar plain" x=${x(low)} y=${TOP} width=${Math.max(2, x(high) - x(low))} height=${HEIGHT} opacity="0.35" />
        ${amounts.map((one) => html`<line class="axis" x1=${x(one)} x2=${x(one)} y1=${TOP} y2=${TOP + HEIGHT} />`)}
        <text x=${label((low + high) / 2)} y=${TOP + HEIGHT + 16} text-anchor="middle">usual</text>
        <g class="here"><path d="M ${x(amount)} ${TOP + 2} l -6 -11 h 12 z" /><text x=${label(amount)} y="11" text-anchor="middle">${money(amount)}</text></g>
      </svg></div>
    </figure>`;
}
