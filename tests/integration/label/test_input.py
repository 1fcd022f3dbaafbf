"""What is no label, no file of labels, or about no transaction, is refused with what is wrong."""

import pytest

from tests.labelling import ANALYST, DATABASE, upload
from tests.stack import Stack


@pytest.mark.parametrize("name", ["nobody", "no/body", "%C3%A9%20%2F"])
def test_an_unknown_transaction_is_not_found(lasting_stack: Stack, name: str) -> None:
    path = f"{DATABASE}/transactions/{name}/label"
    responses = [ANALYST.send(method, path, {"label": "fraud"}) for method in ("GET", "PUT", "DELETE")]
    assert [(one.status, one.json["code"]) for one in responses] == [(404, "not_found")] * 3


@pytest.mark.parametrize(("body", "status"), [("{}", 422), ('{"label": "x"}', 422), ("[]", 400), ("{", 400), ("", 400)])
def test_what_is_no_label_is_refused(lasting_stack: Stack, body: str, status: int) -> None:
    assert ANALYST.send_text("PUT", f"{DATABASE}/transactions/t/label", body).status == status


def test_a_file_of_which_nothing_could_be_done_is_refused(lasting_stack: Stack) -> None:
    assert upload("transaction_id,label\nnobody,fraud\n").status == 422


@pytest.mark.parametrize(
    ("text", "media_type", "status"),
    [
        ("", "text/csv", 400),
        ("a,b\n1,2\n", "text/csv", 400),
        ("transaction_id,label\n", "text/csv", 400),
        ("{}", "application/json", 415),
        ("transaction_id,label\n" + "t,fraud\n" * 10_001, "text/csv", 413),
        ("t" * (1024 * 1024 + 1), "text/csv", 413),
    ],
)
def test_what_is_no_file_of_labels_is_refused(lasting_stack: Stack, text: str, media_type: str, status: int) -> None:
    assert upload(text, media_type).status == status
