// Numbers, times and words for reading. Times are shown in the reader's own zone, which the page names.

export const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

const whole = new Intl.NumberFormat("en");
const two = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const moment = new Intl.DateTimeFormat("en-GB", {
  year: "numeric", month: "short", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
});
const minute = new Intl.DateTimeFormat("en-GB", { month: "short", day: "2-digit", hour: "2-digit", minute: "2-digit" });

export const NONE = "–";
const given = (value) => value !== null && value !== undefined && value !== "";

export const count = (value) => (given(value) ? whole.format(value) : NONE);
export const money = (value) => (given(value) ? two.format(value) : NONE);
/** An amount as it was sent, with its currency where the payment names one. */
export const paid = (one) => (one.amount_currency ? `${money(one.amount)} ${one.amount_currency}` : money(one.amount));
export const compact = (value) => (given(value) ? short.format(value) : NONE);
export const percent = (share, digits = 1) => (given(share) ? `${(share * 100).toFixed(digits)} %` : NONE);
/** A risk as it is decided by: steps of 1/10000. */
export const risk = (value) => (given(value) ? `${(value * 100).toFixed(2)} %` : NONE);
export const signed = (value, digits = 2) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;
export const milliseconds = (value) => (given(value) ? `${whole.format(Math.round(value))} ms` : NONE);

const valid = (text) => given(text) && !Number.isNaN(Date.parse(text));
export const time = (text) => (valid(text) ? moment.format(new Date(text)) : NONE);
export const shortTime = (text) => (valid(text) ? minute.format(new Date(text)) : NONE);

/** Whether a text is an instant as the API writes them. */
export const isInstant = (text) => typeof text === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) && valid(text);

const STEPS = [["d", 86_400], ["h", 3_600], ["min", 60], ["s", 1]];

/** How long ago, in its largest unit: `3 h`. */
export function age(text, now = Date.now()) {
  if (!valid(text)) return NONE;
  const seconds = Math.max(0, (now - Date.parse(text)) / 1000);
  const [unit, size] = STEPS.find(([, size]) => seconds >= size) || STEPS[3];
  return `${Math.floor(seconds / size)} ${unit}`;
}

/** A change against the span before, as `+12 %`; in points where the figures are shares already. */
export function change(now, before) {
  if (!given(now) || !given(before) || before === 0) return null;
  return (now - before) / before;
}

/** A reason's name, of its code; those of rules and conditions are told apart. */
export const reasonName = (code) => (code.startsWith("rule:") ? `Rule: ${words(code.slice(5))}` : words(code));

/** Code into words: `share_of_sender_balance` is "Share of sender balance". */
export function words(code) {
  const text = String(code).replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A condition's `when` is an expression, or a list of clauses of which each must hold. */
export function spelled(when) {
  if (!Array.isArray(when)) return when || "";
  const clause = ({ field, at_least: least, at_most: most, any_of: any }) => [
    least !== undefined && `${field} >= ${least}`, most !== undefined && `${field} <= ${most}`, any && `${field} in ${JSON.stringify(any)}`,
  ].filter(Boolean).join(" && ");
  return when.map(clause).join(" && ");
}

/** What a control share may lose, said before it counts. */
export const lost = ({ share, blocks, payments, money: all, fraud_money: fraud }) => `Its control share (${percent(share)} of ${count(blocks)} blocks) would let ${payments.toFixed(1)} payments of ${money(all)} through, ${money(fraud)} of that labelled fraud: all of it may be lost.`;
