"""`fraudshield explain`: one transaction, its decision, and every feature's share of it."""

from typing import BinaryIO

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from fraudshield.errors import InvalidInput, Malformed
from fraudshield.policy.owner import PAYMENT
from fraudshield.policy.policy import Outcome
from fraudshield.predictor.feature import ModelFeatures
from fraudshield.scoring.explain import ExplainResponse, FeatureShare, explain_response
from fraudshield.scoring.scoring import Scorer, explanation
from fraudshield.text import strict_json
from fraudshield.text.fault import kind
from fraudshield.text.json_text import readable_json
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.parser import read_transaction
from infra.cli import terminal

MAX_BYTES = 1 << 20
BAR = 10  # cells on either side of the middle


def explain(file: BinaryIO, name: str, scorer: Scorer) -> ExplainResponse:
    """Decide and explain the transaction in a JSON file.

    Raises:
        Malformed: the file is no JSON, or holds something else than one transaction.
        InvalidInput: the transaction has faults; the message has them all.
    """
    scored = scorer.decide([_transaction(file.read(MAX_BYTES + 1), name)])[0]
    predictor = scorer.predictors.of(PAYMENT)
    return explain_response(scored, explanation(predictor, scored), predictor.facts.model_version, request_id="")


def as_json(explained: ExplainResponse) -> str:
    """The API's response without what only a request has."""
    own = {name: value for name, value in explained.items() if name not in ("service", "request_id")}
    return readable_json(own, indent=2, only_ascii=True)


def show(explained: ExplainResponse, features: ModelFeatures, console: Console) -> None:
    """The decision, the reasons in words, and the sum that makes the margin."""
    outcome = Outcome(explained["decision"])
    head = Text.assemble(
        (terminal.one_line(explained["transaction_id"]), "bold"),
        f": risk {explained['risk'] or 0:.4f}, ",
        (outcome.value, terminal.STYLE[outcome]),
        f", by model {explained['model_version']} and policy version {explained['policy_version']}",
    )
    console.print(head)
    for reason in explained["reasons"]:
        terminal.say(console, f"- {reason['text']}")
    console.print()
    console.print(_sum(explained, features, "#" if console.options.ascii_only else "\N{FULL BLOCK}"))
    console.print("Contributions are log-odds before calibration; to the right speaks for fraud.", style="dim")


def _transaction(content: bytes, name: str) -> BuiltInTransaction:
    if len(content) > MAX_BYTES:
        raise Malformed(f"{name} is over {MAX_BYTES:,} bytes; explain takes one transaction")
    try:
        return read_transaction(_one(strict_json.parse_sent(content)), "")
    except InvalidInput as exc:
        said = str(exc).replace("The body", "It")
        raise InvalidInput(": ".join(filter(None, (name, said, terminal.faults_text(exc.faults))))) from exc


def _one(body: object) -> object:
    """The transaction itself, out of a request to score or to explain."""
    if not isinstance(body, dict):
        raise Malformed(f"Expected an object with a transaction, found {kind(body)}")
    if "transactions" not in body:
        return body.get("transaction", body)
    found = body["transactions"]
    if not isinstance(found, list) or len(found) != 1:
        counted = f"{len(found):,}" if isinstance(found, list) else kind(found)
        raise Malformed(f"Expected one transaction, found {counted}")
    return found[0]


def _sum(explained: ExplainResponse, features: ModelFeatures, block: str) -> Table:
    shares = sorted(explained["contributions"], key=lambda share: -abs(share["contribution"]))
    largest = max((abs(share["contribution"]) for share in shares), default=0.0) or 1.0
    columns = (Column("feature"), Column("value", justify="right"), Column("contribution", justify="right"), Column(""))
    table = Table(*columns, box=None, padding=(0, 1, 0, 0), header_style="bold")
    table.add_row("base", "", f"{explained['base']:+.4f}", "")
    for share in shares:
        value = _value(share, features)
        table.add_row(share["feature"], value, f"{share['contribution']:+.4f}", _bar(share, largest, block))
    table.add_row("margin", "", f"{explained['margin']:+.4f}", "", style="bold")
    return table


def _value(share: FeatureShare, features: ModelFeatures) -> str:
    value = share["value"]
    category = features.each[features.names.index(share["feature"])].category(value)
    return category or ("missing" if value is None else f"{value:,.2f}")


def _bar(share: FeatureShare, largest: float, block: str) -> Text:
    length = round(BAR * abs(share["contribution"]) / largest)
    if share["contribution"] < 0:
        return Text((block * length).rjust(BAR) + "|", style="green")
    return Text(" " * BAR + "|" + block * length, style="red")
