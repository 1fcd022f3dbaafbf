// A draft against what is in force: the verdict in a sentence, intervals, and all figures; of a test or of the shadow.

import { Intervals, points } from "../chart/intervals.js";
import { Facts, Table, Time, html } from "../element.js";
import { count, lost, money, NONE, percent, words } from "../format.js";

const MEASURES = ["recall", "value_recall", "precision", "review_share"];
const good = (name) => name !== "review_share"; // whether more of it is better
const OUTCOMES = ["approve", "review", "block"];

/** What the measures say together: better, worse, both, or not known. */
export function verdict({ paired = {} }) {
  const said = MEASURES.filter((name) => paired[name]?.enough).map((name) => {
    const { low, high } = paired[name];
    return low > 0 || high < 0 ? ((low > 0) === good(name) ? 1 : -1) : 0;
  });
  if (!said.length) return "Not enough data to say whether it is better.";
  const better = said.includes(1), worse = said.includes(-1);
  if (better && worse) return "It is better in some measures and worse in others: weigh them.";
  return better ? "It is better than what is in force." : worse ? "It is worse than what is in force." : "No difference is to be seen.";
}

const sentence = (name, one) => {
  if (!one.enough) return `${words(name)}: not enough data${one.why_not ? ` (${one.why_not})` : ""}${one.days_more ? `, about ${count(one.days_more)} more days` : ""}`;
  return `${words(name)} ${points(one.difference)} points, 95 % interval ${points(one.low)} to ${points(one.high)}, over ${count(one.accounts)} of ${one.entity}`;
};

export default function Comparison({ of, title, then = "Draft" }) {
  const rows = MEASURES.filter((name) => of.paired?.[name]).map((name) => ({ name, ...of.paired[name] }));
  const part = (values, total) => OUTCOMES.map((name) => `${total(values[name])} ${name}`).join(", ");
  return html`
    ${of.control && html`<p class="quiet">${lost(of.control)}</p>`}
    <p class="verdict" role="status"><strong>${verdict(of)}</strong></p>
    <ul>${rows.map((one) => html`<li>${sentence(one.name, one)}</li>`)}</ul>
    <${Intervals} rows=${rows.filter((one) => one.enough)} title=${`${title}: differences with their intervals`} good=${good} />
    <${Facts} of=${[
      of.from && ["Payments from", html`<${Time} at=${of.from} /> to <${Time} at=${of.to} />`],
      ["Compared", count(of.compared)], ["Decided otherwise", count(of.differs)],
      of.unknowable_share && ["Of that never to be known", `${percent(of.unknowable_share.payments)}, of the money ${percent(of.unknowable_share.money)}`],
      of.not_kept_share !== undefined && ["Something was not kept", percent(of.not_kept_share)],
      of.drafts_tried !== undefined && ["Drafts tried on these days", count(of.drafts_tried)],
      ...Object.entries(of.sign_test || {}).map(([name, one]) => [`${words(name)}: accounts better and worse`, `${count(one.better)} and ${count(one.worse)}${one.p === null ? "" : `, p = ${one.p.toFixed(3)}`}`]),
    ]} />
    ${of.outcomes && html`<${Table} hidden=${false} caption=${`${title}: outcomes`} rows=${[["Now", "now"], [then, "then"]]} columns=${[
      { title: "", cell: ([name]) => name }, { title: "Payments", cell: ([, at]) => part(of.outcomes[at], count) }, { title: "Money", cell: ([, at]) => part(of.money[at], money) },
      { title: "Money of fraud stopped", number: true, cell: ([, at]) => `${money(of.money.fraud[`stopped_${at}`])} of ${money(of.money.fraud.all)}` }]} />`}
    ${of.labels && html`<p class="quiet">Known of them: ${Object.entries(of.labels).map(([name, number]) => `${count(number)} ${words(name).toLowerCase()}`).join(", ")}.</p>`}
    ${of.rules?.length > 0 && html`<${Table} hidden=${false} caption=${`${title}: rules of the draft`} rows=${of.rules} columns=${[
      { title: "Rule", cell: (one) => html`<code>${one.code}</code>` }, ...["hits", "alone", "fraud", "genuine", "not_evaluated"].map((name) => ({ title: words(name), number: true, cell: (one) => count(one[name]) })),
      { title: "Money", number: true, cell: (one) => money(one.amount) }, { title: "Precision", number: true, cell: (one) => (one.precision === null ? NONE : percent(one.precision, 0)) }]} />`}`;
}
