"""What a report says, before it is HTML or Markdown: sections of sentences, tables and charts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from model.fitting.training import Training
from model.judgement.jackknife import Bounds
from model.judgement.judgement import PROTOCOL, Judgement
from model.training_report.chart import Axis, Line, chart
from model.training_report.words import DAILY, MEASURES, SCORES, SHARES

Cells = Sequence[str]


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table; the first column names the row."""

    head: Cells
    rows: Sequence[Cells]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with its title and what it shows in words."""

    title: str
    says: str
    svg: str


@dataclass(frozen=True, slots=True)
class Section:
    """Sentences, then tables, then charts."""

    title: str
    says: Sequence[str] = ()
    tables: Sequence[TextTable] = ()
    charts: Sequence[Chart] = field(default_factory=tuple)


def sections(training: Training, judgement: Judgement) -> list[Section]:
    """The whole report."""
    return [
        _what(training, judgement),
        _people(training, judgement),
        Section("How good it is", [*_good(judgement)], [score_table(judgement.scores)], [*_curves(judgement)]),
        _calibration(judgement),
        _unseen(judgement),
        Section(
            "By category and month",
            ["Where there are fewer than 10 frauds, or payments to look at, shares of them say nothing: a dash."],
            [_parts(judgement)],
        ),
        _how(training),
    ]


def _what(training: Training, judgement: Judgement) -> Section:
    data, rows, split = training.fitted.data, judgement.rows, training.split
    frauds = int(rows.fraud.sum())
    says = [
        f"{data['rows']:,} payments of {training.table.event_type.name} from {data['from']} to {data['to']}, "
        f"{data['frauds']:,} of them fraud.",
        f"Judged on {len(rows.fraud):,} payments from {data['test_from']} on, {frauds:,} of them fraud "
        f"({frauds / max(1, len(rows.fraud)):.3%}), in {rows.leave_out.incidents:,} incidents. {split.defrauded:,} "
        "payments of accounts that were known as defrauded by then are left out: whoever knows needs no model.",
        PROTOCOL[0].upper() + PROTOCOL[1:] + ".",
    ]
    if training.leaks:
        names = ", ".join(one.name for one in training.leaks)
        says.append(f"Trained in spite of leaks, which were accepted: {names}. Its figures may be too good to be true.")
    if training.table.selection:
        says += training.table.selection.says()
    return Section("What it learnt from", says)


def _people(training: Training, judgement: Judgement) -> Section:
    found, chosen = judgement.at_thresholds, training.fitted.thresholds
    block = "blocks nothing" if float(chosen.block) >= 1 else f"blocks from {chosen.block:g}"
    says = [
        f"It proposes to review from risk {chosen.review:g} and {block}, for a budget of "
        f"{training.options.budget} of payments to review."
        if training.options.budget.share is not None
        else f"It proposes to review from risk {chosen.review:g} and {block}, for {training.options.budget} reviews.",
    ]
    rows = [[name, f"{found[key]:,.1f}"] for name, key in DAILY.items() if key in found]
    shares = [[name, str(found[key])] for name, key in SHARES.items()]
    return Section(
        "A day at the proposed thresholds", says, [TextTable(["", "a day"], rows), TextTable(["", ""], shares)]
    )


def _good(judgement: Judgement) -> Iterator[str]:
    for name, gain in judgement.gains.items():
        other = SCORES[name.removesuffix("_gain")]
        if gain.low is None or gain.high is None:
            yield f"Against {other} there is too little to tell."
        elif name == "ceiling_gain":
            yield f"The ceiling, which a simulator knows, is {-gain.value:.3f} of the area above it."
        else:
            sure = "ahead" if gain.low > 0 else "behind" if gain.high < 0 else "not told apart"
            yield f"Against {other}: {sure}, by {gain} of the area under precision and recall."


def score_table(found: Mapping[str, Mapping[str, Bounds]]) -> TextTable:
    """Measures down, scores across."""
    head = ["", *(SCORES[name] for name in found)]
    rows = [
        [says, *(str(measures[name]) if name in measures else "" for measures in found.values())]
        for name, says in MEASURES.items()
    ]
    return TextTable(head, rows)


def _curves(judgement: Judgement) -> Iterator[Chart]:
    curves, share = judgement.curves, Axis("payments flagged", 0.0002, 0.2, logarithmic=True, percent=True)
    whole = Axis("recall", 0, 1, percent=True)
    lines = [Line(SCORES[name], _points(points)) for name, points in curves["precision_recall"].items()]
    says = "Precision against recall: how much of what is flagged is fraud, by how much of the fraud is flagged."
    yield Chart(
        "Precision against recall",
        says,
        chart("Precision against recall", whole, Axis("precision", 0, 1, percent=True), lines),
    )
    caught = curves["caught_by_share_flagged"]
    lines = [Line(SCORES[name], _points(points)) for name, points in caught.items() if name != "ceiling"]
    says = "Frauds caught, by how many payments are flagged."
    yield Chart("Alerts against recall", says, chart("Alerts against recall", share, whole, lines))
    lines = [
        Line("frauds", _points(caught["model"])),
        Line("their money", [(point[0], point[2]) for point in caught["model"]]),
    ]
    says = "Frauds and their money caught by the model, by how many payments are flagged."
    yield Chart(
        "Value against recall", says, chart("Value against recall", share, Axis("caught", 0, 1, percent=True), lines)
    )
    if "cost_a_day_by_share_reviewed" in curves:
        points = _points(curves["cost_a_day_by_share_reviewed"])
        top = Axis("cost of a day", 0, max(cost for _, cost in points) * 1.05)
        lines = [Line("reviews and losses", points)]
        says = "What a day costs, by how many payments are reviewed and with nothing blocked."
        yield Chart(
            "Cost against reviews",
            says,
            chart(
                "Cost against reviews",
                Axis(share.name.replace("flagged", "reviewed"), 0.0002, 0.2, True, True),
                top,
                lines,
            ),
        )


def _calibration(judgement: Judgement) -> Section:
    found, points = judgement.calibration, [(a, b) for a, b, _ in judgement.curves["reliability"] if a > 0 and b > 0]
    says = [
        f"Of all payments the risks add up to {found['all_over_observed']} times the frauds that there were, of the "
        f"riskiest 1 % to {found['top_over_observed']} times; 1 is what a calibrated model has within its interval."
    ]
    charts = []
    if points:
        low = 10**-5 if min(min(point) for point in points) < 10**-4 else 10**-4
        axes = Axis("risk", low, 1, True, True), Axis("share of fraud", low, 1, True, True)
        svg = chart("Reliability", *axes, [Line("as observed", points, dots=True)], diagonal=True)
        shows = "Share of fraud by risk, in groups with as many frauds expected; dotted is as it should be."
        charts = [Chart("Reliability", shows, svg)]
    return Section("Whether its risks can be believed", says, (), charts)


def _unseen(judgement: Judgement) -> Section:
    rows, frauds = len(judgement.unseen.fraud), int(judgement.unseen.fraud.sum())
    says = f"{rows:,} payments of the test, {frauds:,} of them fraud, are of accounts that no earlier payment has."
    if not judgement.unseen_scores:
        return Section("Accounts never seen in training", [f"{says} That is too little to tell."])
    found = judgement.unseen_at_thresholds
    shares = [[name, str(found[key])] for name, key in SHARES.items()]
    ratio = judgement.unseen_calibration["all_over_observed"]
    return Section(
        "Accounts never seen in training",
        [f"{says} The risks add up to {ratio} times those frauds."],
        [score_table(judgement.unseen_scores), TextTable(["at the proposed thresholds", ""], shares)],
    )


def _parts(judgement: Judgement) -> TextTable:
    head = ["field", "value", "payments", "frauds", "flagged", "recall", "precision", "expected / observed"]
    rows = [
        [
            one.field,
            one.value,
            f"{one.payments:,}",
            f"{one.frauds:,}",
            f"{one.flagged_share:.2%}",
            *(
                "-" if each is None else f"{each:.2f}"
                for each in (one.recall, one.precision, one.expected_over_observed)
            ),
        ]
        for one in judgement.parts
    ]
    return TextTable(head, rows)


def _how(training: Training) -> Section:
    split, grown = training.split, training.fitted.grown
    parts = ", ".join(f"{len(getattr(split, name)):,} to {name}" for name in ("train", "tune", "calibrate", "test"))
    says = [
        f"Payments: {parts}. Between the last two lie {split.gap.total_seconds() / 86_400:g} days for labels.",
        f"Features: {', '.join(training.features.features.names)}.",
        f"Shapes that were tried, on the payments to tune by only; taken was {grown.shape}.",
    ]
    head = ["learning rate", "leaves", "depth", "rows in a leaf", "L2", "trees", "loss"]
    rows = [
        [
            *(f"{each:g}" for each in (one.learning_rate, one.max_leaf_nodes, one.max_depth, one.min_samples_leaf)),
            f"{one.l2_regularization:g}",
            str(trees),
            f"{loss:.6f}",
        ]
        for one, trees, loss in grown.tried
    ]
    return Section("How it was made", says, [TextTable(head, rows)])


def _points(points: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
    return [(point[0], point[1]) for point in points]
