"""Worlds in which it is known which of two models is better: frauds by account, and the scores that both give them."""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from fraudshield.backtest.challenger.gate import gate
from fraudshield.backtest.challenger.judged import ByThreshold, JudgedPayment
from fraudshield.backtest.challenger.merge import ModelsAnswer, models_answer
from fraudshield.backtest.challenger.tally import ChallengerTally
from fraudshield.policy.outcome import Outcome

APPROVE, REVIEW, BLOCK = Outcome
PAYMENTS = 8  # of fraud, of each account
GENUINE = 900
NOISE = 400.0  # between two models that are as good as each other
CAUGHT = 0.8  # of frauds score high by the champion
LOST = 25 / 80  # of the accounts that it finds the worse challenger does not: 25 points of recall
USUAL = ByThreshold(APPROVE, REVIEW, BLOCK)
REVIEW_AT, BLOCK_AT = 5000, 9900
KEY = b"k" * 32


def judged(now: int, then: int, account: str, label: str, amount: float = 100.0) -> JudgedPayment:
    """A payment with the risks of both models in steps, decided by the champion's at `REVIEW_AT` and `BLOCK_AT`."""
    outcome = BLOCK if now >= BLOCK_AT else REVIEW if now >= REVIEW_AT else APPROVE
    money = Decimal(repr(round(amount, 2)))
    return JudgedPayment(outcome, USUAL, then, money, label, not_kept=False, entities={"card": account})  # type: ignore[arg-type]


def world(rng: np.random.Generator, accounts: int, worse: bool) -> list[JudgedPayment]:
    """Payments of defrauded accounts and of genuine ones; the challenger is as good, but for noise, or worse."""
    found = []
    for account in range(accounts):
        lost = worse and rng.random() < LOST
        for _ in range(PAYMENTS):
            caught = rng.random() < CAUGHT
            now = int(rng.integers(5200, 9800) if caught else rng.integers(0, 4800))
            then = int(rng.integers(0, 4000)) if lost else int(np.clip(now + rng.normal(0, NOISE), 0, 9999))
            found.append(judged(now, then, f"c{account}", "fraud", float(rng.lognormal(4, 0.4))))
    for at in range(GENUINE):
        now = int(rng.beta(1, 6) * 9800)
        then = int(np.clip(now + rng.normal(0, NOISE), 0, 9999))
        found.append(judged(now, then, f"g{at % 300}", "genuine_said"))
    return found


def answer_of(payments: Sequence[JudgedPayment], parts: int = 2) -> ModelsAnswer:
    """The answer, by parts as the state machine counts them."""
    tallies = [ChallengerTally(["card"], KEY) for _ in range(parts)]
    for number, one in enumerate(payments):
        tallies[number % parts].add(f"p{number}", one)
    return models_answer([tally.lines() for tally in tallies], ["card"], 30.0, 1, 0.02)


def passes(rng: np.random.Generator, accounts: int, *, worse: bool) -> bool:
    """Whether the challenger of one world passes the gate."""
    return gate(answer_of(world(rng, accounts, worse))["paired"]).passes
