"""A whole training on the worked example's payments, few of them: made once, and looked at from all sides."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from fraudshield.aggregate.columns import aggregate_values
from fraudshield.backtest.proposal.budget import read_costs
from fraudshield.batch.own.row import OwnLayout
from fraudshield.errors import InvalidInput, ModelRefused
from fraudshield.event_type.payment import BUILT_IN
from fraudshield.predictor.artifact import Model, load
from fraudshield.predictor.forest import margin, risk
from infra.cli.training import training as command
from model.export import model_json
from model.fitting.features import read_aggregates
from model.fitting.platt import platt
from model.fitting.training import Leaking, Training, TrainingOptions, monotone_of, train
from model.fitting.trees import Rowset, grown
from model.judgement.judgement import Judgement, judged, metrics
from model.table.reading import Asked, read_table
from tests.model.card_payments import ASKED, card_file, card_table, card_type

OPTIONS = TrainingOptions(costs=read_costs("review=4,wrong_block=15%,lost=100%"))


def nothing() -> None:
    """Nobody watches."""


@pytest.fixture(scope="module")
def trained() -> Training:
    return train(card_table(), OPTIONS, nothing)


@pytest.fixture(scope="module")
def judgement(trained: Training) -> Judgement:
    return judged(trained, "incident", "oracle")


@pytest.fixture(scope="module")
def folder(trained: Training, judgement: Judgement, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("model")
    command.write_folder(trained, judgement, out)
    return out


@pytest.fixture(scope="module")
def model(folder: Path) -> Model:
    return load(folder, event_type=card_type())


def test_a_payment_is_scored_online_as_it_was_in_training(trained: Training, model: Model) -> None:
    """From the row of the file over its fields and aggregates to the risk, to the last bit."""
    table, asked = trained.table, read_aggregates(card_type())
    history = table.history(asked)
    rows = trained.split.test[::97]
    entities = {name: values[rows] for name, values in history.entities.items()}
    asking = replace(
        history, occurred_at=history.occurred_at[rows], decided_at=history.decided_at[rows], entities=entities
    )
    counted = aggregate_values(asked, asking, history)
    lines = [*csv.reader(card_file().read_text().splitlines())]
    layout = OwnLayout.of(card_type(), lines[0], "card.csv")
    margins = trained.fitted.grown.margins(trained.features.values)
    for at, row in enumerate(rows.tolist()):
        payment = layout.read(lines[int(table.lines[row]) - 1], "none")
        assert payment.occurred_at is not None
        readings = {name: values[at].reading for name, values in counted.items()}
        numbers = model.features.of(payment, payment.occurred_at, readings)
        assert np.array_equal(numbers, trained.features.values[row], equal_nan=True)
        assert margin(model.forest, numbers) == margins[row]
        assert risk(model.cuts, margins[row]) == trained.risk[row]


def test_the_model_is_of_its_event_type_and_of_no_other(folder: Path, model: Model) -> None:
    assert model.features.aggregates == {one.name for one in read_aggregates(card_type())}
    with pytest.raises(ModelRefused, match="event type's name is card_payment, expected payment"):
        load(folder, event_type=BUILT_IN)


def test_chargebacks_alone_are_as_good_as_a_file_with_the_genuine_ones_written_out(
    trained: Training, tmp_path: Path
) -> None:
    with card_file().open(newline="") as file:
        rows = [*csv.DictReader(file)]
    path = tmp_path / "written_out.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0]])
        writer.writeheader()
        writer.writerows(row | {"label": row["label"] or "genuine"} for row in rows)
    again = train(read_table(path, card_type(), ASKED), OPTIONS, nothing)
    assert model_json(again.fitted.grown.classifier) == model_json(trained.fitted.grown.classifier)
    assert (again.fitted.cuts, again.fitted.version) == (trained.fitted.cuts, trained.fitted.version)


def test_the_manifest_has_what_people_and_pages_ask(folder: Path, trained: Training) -> None:
    found = json.loads((folder / "manifest.json").read_text())["metrics"]
    assert {"model", "without_history", "logistic_regression", "amount_alone", "ceiling"} == {*found["scores"]}
    assert found["test"]["rows"] == len(trained.split.test)
    assert found["test"]["defrauded_left_out"] == trained.split.defrauded > 0
    assert found["curves"]["precision_recall"]["model"]
    assert all(len(point) == 3 for point in found["curves"]["reliability"])
    assert found["at_thresholds"]["reviews_a_day"] >= 0
    assert {one["field"] for one in found["parts"]} >= {"channel", "category", "month"}
    assert found["unseen_accounts"]["rows"] == int(trained.split.unseen.sum())


def test_history_is_worth_something(judgement: Judgement) -> None:
    gain = judgement.gains["without_history_gain"]
    assert gain.low is not None
    assert gain.value > gain.low > 0


def test_the_report_is_a_page_that_needs_no_style_of_an_element(folder: Path) -> None:
    html = (folder / "report.html").read_text()
    assert " style=" not in html
    assert "<script" not in html
    charts = html.split("<svg")[1:]
    assert len(charts) == 5  # precision, alerts, value, cost, reliability
    for chart in charts:
        root = ElementTree.fromstring("<svg" + chart.partition("</svg>")[0] + "</svg>")
        assert root.get("aria-label")
        assert "nan" not in chart.partition("</svg>")[0]
    text = (folder / "report.md").read_text()
    assert "## A day at the proposed thresholds" in text
    assert "nan" not in text


def test_a_prior_moves_all_risks_by_as_much_as_it_differs() -> None:
    rng = np.random.default_rng(5)
    margins = rng.normal(-3, 2, 20_000)
    fraud = rng.random(20_000) < 1 / (1 + np.exp(-margins))
    as_it_is, rarer = (platt(margins, fraud, np.ones(20_000), prior) for prior in (None, 0.001))
    share = fraud.mean()
    assert rarer.slope == as_it_is.slope
    moved = np.log(0.001 / 0.999) - np.log(share / (1 - share))
    assert rarer.intercept - as_it_is.intercept == pytest.approx(moved, abs=1e-5)


def test_a_row_that_stands_for_ten_payments_calibrates_as_ten_rows_do() -> None:
    rng = np.random.default_rng(5)
    margins = rng.normal(-3, 2, 3000)
    fraud = rng.random(3000) < 1 / (1 + np.exp(-margins))
    many = np.where(fraud, 1, 10)
    written_out = platt(np.repeat(margins, many), np.repeat(fraud, many), np.ones(many.sum()), None)
    weighted = platt(margins, fraud, many.astype(float), None)
    assert (weighted.slope, weighted.intercept) == pytest.approx((written_out.slope, written_out.intercept), abs=1e-4)


def test_a_file_with_too_few_frauds_trains_nothing() -> None:
    table = read_table(Path("tests/data/paysim/first-5000.csv"), BUILT_IN, Asked("isFraud"))
    with pytest.raises(InvalidInput, match="Too few frauds to learn from: "):
        train(table, TrainingOptions(), nothing)


def test_a_leak_that_was_accepted_trains_and_stands_in_the_manifest() -> None:
    table = card_table()
    amount = table.fields["amount"]
    told = replace(amount, values=np.where(table.truth.fraud, amount.values + 1e6, amount.values))
    leaking = replace(table, fields={**table.fields, "amount": told}, reported=told)
    with pytest.raises(Leaking) as refused:
        train(leaking, OPTIONS, nothing)
    names = frozenset(one.name for one in refused.value.leaks)
    assert names == {"copied_label:amount"}
    made = train(leaking, replace(OPTIONS, accepted=names), nothing)
    assert metrics(made, judged(made))["accepted_leaks"] == ["copied_label:amount"]


def test_a_test_for_a_missing_value_alone_is_exported() -> None:
    """scikit-learn's threshold is infinite where all numbers go one way and what is missing goes the other."""
    rng = np.random.default_rng(4)
    features = np.where(rng.random((20_000, 1)) < 0.5, np.nan, 1.0)
    fraud = np.isnan(features[:, 0]) & (rng.random(20_000) < 0.3)
    rows = Rowset(features, fraud, np.ones(20_000))
    made = grown(rows, rows, [0], nothing)
    [first] = [json.loads(line.rstrip(",")) for line in model_json(made.classifier).decode().splitlines()[2:3]]
    assert first[1] == np.finfo(np.float64).max
    missing, there = made.margins(np.array([[np.nan], [1.0]]))
    assert missing > there


def test_risk_keeps_to_the_direction_that_the_type_says() -> None:
    """The truth goes up and down with the number; a model that may only rise does not follow it down."""
    rng = np.random.default_rng(6)
    number = rng.random((6000, 1))
    fraud = rng.random(6000) < 0.1 + 0.3 * np.sin(6 * number[:, 0]).clip(0)
    rows = Rowset(number, fraud, np.ones(6000))
    grid = np.linspace(0, 1, 50).reshape(-1, 1)
    free, rising = (grown(rows, rows, [direction], nothing).margins(grid) for direction in (0, 1))
    assert (np.diff(free) < 0).any()
    assert (np.diff(rising) >= 0).all()


def test_a_type_says_which_features_may_only_rise_or_fall(trained: Training) -> None:
    first, second, *others = trained.features.entries
    said = (first.model_copy(update={"monotone": "rising"}), second.model_copy(update={"monotone": "falling"}), *others)
    directions = monotone_of(replace(trained.features, entries=said))
    assert directions == [1, -1, *(0 for _ in others)]
