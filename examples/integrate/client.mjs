// FraudShield before a payment, with Node.js 18 alone. Copy it and change it.
//
//     node client.mjs PAYMENT.json        prints approve, review or block; of a review its verdict, when it comes
//     node client.mjs label ID TRUTH      says what a payment turned out to be: fraud or genuine

import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const env = process.env;
const URL_ = env.FRAUDSHIELD_URL ?? "http://127.0.0.1:8000";
const TIME_OUT_S = Number(env.FRAUDSHIELD_TIME_OUT_S ?? 3); // it answers within 2.5 s, whatever fails
const TRIES = 2;
const LABEL_TRIES = 5; // nobody waits for a label
const HOLD_FROM = 500; // without any answer, what is dearer than this waits for a person
const ASK_EVERY_S = Number(env.FRAUDSHIELD_ASK_EVERY_S ?? 10);
const VERDICT_WITHIN_S = Number(env.FRAUDSHIELD_VERDICT_WITHIN_S ?? 3600);

class NoAnswer extends Error {} // nothing is known of what was sent; the same may be sent again

// The response as JSON. Throws NoAnswer, or an Error with what we did wrong.
async function call(method, path, body, key = "TEST_API_KEY") {
  const headers = { "X-API-Key": env[key], "Content-Type": "application/json" };
  const signal = AbortSignal.timeout(TIME_OUT_S * 1000);
  let status, text;
  try {
    const response = await fetch(URL_ + path, { method, headers, signal, body: body && JSON.stringify(body) });
    [status, text] = [response.status, await response.text()];
  } catch (error) {
    throw new NoAnswer(error.message);
  }
  if (status === 429 || status >= 500) throw new NoAnswer(status);
  if (status >= 400) throw new Error(text); // our fault: sending it again would not help
  return JSON.parse(text);
}

// approve, review or block. A retry has the same transaction_id, so it is decided once, whichever call arrived.
async function decide(payment) {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    try {
      const [entry] = (await call("POST", "/api/v1/score", { transactions: [payment] })).results;
      if (!entry.persisted) console.error("decided, and not stored yet"); // it stands: it is queued, and stored soon
      return entry.decision;
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      console.error(`no answer: ${error.message}`);
    }
  }
  return payment.amount >= HOLD_FROM ? "review" : "approve";
}

// What a person says of a payment in review: approve or block. Block where nobody says it in time.
async function verdict(id) {
  const until = Date.now() + VERDICT_WITHIN_S * 1000;
  while (Date.now() < until) {
    const stored = await call("GET", `/api/v1/database/transactions/${encodeURIComponent(id)}`).catch(() => ({}));
    if (stored.label) return stored.label.label === "genuine" ? "approve" : "block"; // it may not be stored yet
    await sleep(ASK_EVERY_S * 1000);
  }
  return "block";
}

// Labels a payment, as when its chargeback comes. Safe to repeat. It takes the key of an analyst.
async function report(id, truth) {
  const path = `/api/v1/database/transactions/${encodeURIComponent(id)}/label`;
  for (let left = LABEL_TRIES - 1; ; left--) {
    try {
      return await call("PUT", path, { label: truth, source: "chargeback" }, "FRONTEND_API_KEY");
    } catch (error) {
      if (!(error instanceof NoAnswer) || !left) throw error;
    }
  }
}

const [first, ...more] = process.argv.slice(2);
if (first === "label") {
  await report(...more);
} else {
  const payment = JSON.parse(await readFile(first, "utf8"));
  const decision = await decide(payment);
  console.log(decision);
  if (decision === "review") console.log(await verdict(payment.transaction_id));
}
