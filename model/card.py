"""The shipped model's card: the report that every training writes, and around it what is true of this one alone."""

from model.carry_over import DATA, CarryOver
from model.fitting.training import Training
from model.judgement.judgement import Judgement
from model.training_report.content import Section, score_table, sections
from model.training_report.words import SHARES

INTENDED = (
    "**Its scores mean nothing on your transactions until you train it on them.** It learnt from simulated data and "
    "ships so that everything around it can be run, tested and measured. "
    "[A model of your own payments](../docs/your-own-model.md) is one command; train it before a real payment depends "
    "on it.",
    "Gradient-boosted trees, calibrated by Platt's two parameters on later payments that the trees have not seen. It "
    "reads eight numbers that are known before the money moves: type, amount, both balances before, the amount's share "
    "of each, what would be left, and whether the receiver is a merchant. It reads no balance after the fact, no hour "
    'and no step (see "PaySim leaks").',
    "`risk` is the calibrated probability of fraud *in the simulated world*, in steps of 1/10000. A reason's "
    "contribution is a part of the margin (log-odds before calibration), not of the risk: what the feature added "
    "beyond what it usually adds to payments of the same type.",
)
WORLD = (
    "The simulated world resembles PaySim (amounts, types, hours, receiving balances) and breaks the artefacts that "
    "make PaySim easy: customers empty their accounts too and use what they were sent, everybody sends and receives, "
    "accounts are numbered by chance, thefts begin at everybody's hours, money also goes to known accounts, balances "
    "are as of the row, and what a balance does not cover is refused. Thieves take accounts over, talk victims into "
    "sending a part, use stolen phones, and chain mules; six in ten thefts are of campaigns with common mules. Victims "
    "report after 30 hours usually, some never. `python -m model` trains and judges with the labels that were known at "
    "the time. Each parameter has its reason in `world.py`; none was set by looking at "
    "the payments to test on. How often customers empty their accounts was set twice: with 20 in 1,000 cash-outs and "
    "transfers, as first thought, the payments to calibrate on had none that could be blocked unseen; with 4, an "
    "account in four years, they have. The score is low even so. That is what honest difficulty looks like.",
    "It has no people, no devices, no merchants with a history, no seasons and one currency. Nothing can be said of "
    "how it treats groups of people: the data knows none.",
    "The ceiling is a score that knows what every thief did, and not which thefts nobody reports. What eight numbers "
    "can tell at best lies far below it.",
)
LEAKS = (
    "One line solves it: an amount equal to the whole balance never is genuine there, and 97.6 % of the frauds are.",
    "Balances after the transaction are written too late: of fraud transfers 99.3 % show an empty mule. Features built "
    "on them reach an area of 1 and cannot be computed before the payment.",
    "Fraud is flat over the day while the volume is not, so the hour gives it away. Senders never come back, so "
    "nothing about their history can be learnt.",
    "Any figure on PaySim has to stand beside that one line. `paysim/facts.json` has the numbers; `faithful.py` "
    "simulates with these artefacts and is held to those numbers by a test.",
)


def card(training: Training, judgement: Judgement, carried: CarryOver) -> tuple[str, list[Section]]:
    """Its title and its sections."""
    source = training.fitted.data["source"]
    return f"Model card: FraudShield {training.fitted.version}", [
        Section("What it is", INTENDED),
        Section("Its world", [f"`{source}`.", *WORLD]),
        *sections(training, judgement),
        _carried(carried),
        Section("PaySim leaks", LEAKS),
        Section(
            "Made again",
            [
                "`make model` writes `model.json`, `manifest.json` and this card again to the byte: one thread, "
                "integers in the simulator, leaf values rounded to nine decimals."
            ],
        ),
    ]


def _carried(carried: CarryOver) -> Section:
    found = carried.at_thresholds
    shares = ", ".join(f"{name} {found[key]}" for name, key in SHARES.items() if key in ("recall", "precision"))
    says = (
        f"On {DATA}. Ranking carries over; the probabilities do not: there an emptied account is always fraud, here it "
        f"seldom is. At the thresholds proposed above: {shares}."
    )
    return Section("Carried over to PaySim", [says], [score_table(carried.scores)])
