// The risk on the way from approve over review to block. Risks of payments crowd near 0, so the scale is logarithmic.

import { html } from "../element.js";
import { risk as shown } from "../format.js";

const WIDTH = 640, TOP = 26, HEIGHT = 14, LEFT = 8;
const STEPS = 10_000; // risks come in steps of 1/10000

const x = (risk) => LEFT + (Math.log10(1 + risk * STEPS) / Math.log10(1 + STEPS)) * (WIDTH - 2 * LEFT);

/** Without a risk it shows the thresholds alone. */
export function ThresholdBar({ risk, thresholds, decision }) {
  const { review, block } = thresholds;
  const zones = [["approve", 0, review], ["review", review, block], ["block", block, 1]];
  const decided = risk === undefined ? "" : `Risk ${shown(risk)}, outcome ${decision}; `;
  const says = `${decided}review from ${shown(review)}, block from ${shown(block)}`;
  return html`
    <figure class="chart">
      <div class="scroll" tabindex="0"><svg viewBox="0 0 ${WIDTH} 70" role="img" aria-label=${says}>
        <title>${says}</title>
        ${zones.filter(([, from, until]) => until > from).map(([name, from, until]) => html`
          <g class="zone ${name}">
            <rect x=${x(from)} y=${TOP} width=${Math.max(1, x(until) - x(from))} height=${HEIGHT} />
            <text x=${(x(from) + x(until)) / 2} y=${TOP + HEIGHT + 14} text-anchor="middle">${name}</text>
          </g>`)}
        ${[[review, "start"], [block, "end"]].map(([at]) => html`
          <g class="limit"><line x1=${x(at)} x2=${x(at)} y1=${TOP - 3} y2=${TOP + HEIGHT + 3} />
            <text x=${x(at)} y=${TOP + HEIGHT + 28} text-anchor="middle">${shown(at)}</text></g>`)}
        ${risk !== undefined && html`<g class="here">
          <path d="M ${x(risk)} ${TOP + 4} l -6 -11 h 12 z" />
          <text x=${Math.min(WIDTH - 40, Math.max(40, x(risk)))} y="12" text-anchor="middle">${shown(risk)}</text>
        </g>`}
      </svg></div>
    </figure>`;
}
