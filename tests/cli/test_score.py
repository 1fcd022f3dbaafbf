"""`fraudshield score`."""

import csv
import gzip
import io
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fraudshield.text.csv_cell import safe
from infra.cli.path import MODEL_DIR, TRANSACTIONS
from infra.cli.score import REFUSALS_SHOWN
from tests.caller import Caller
from tests.cli.command import DRAINED, EXECUTABLE, GOOD, HEADER, Run, process
from tests.stack import Stack

BAD = "t-3,1,PAYMENT,nan,C1,0,0,M1,0,0\n"


@pytest.fixture
def payments(tmp_path: Path) -> Path:
    path = tmp_path / "payments.csv"
    path.write_text(HEADER + GOOD + DRAINED)
    return path


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_every_row_is_a_line_of_json_where_no_terminal_reads(run: Run, payments: Path) -> None:
    ran = run("score", payments)
    assert ran.code == 0
    assert [(one["line"], one["transaction_id"], one["decision"]) for one in lines(ran.out)] == [
        (2, "t-1", "approve"),
        (3, "t-2", "block"),
    ]


def test_a_real_process_scores_its_standard_input() -> None:
    ran = process("score", "-", given=(HEADER + GOOD + BAD + DRAINED).encode())
    assert ran.code == 1
    assert [one["line"] for one in lines(ran.out)] == [2, 3, 4]
    assert "line 3: amount: Input should be a number such as 1000.00, found 'nan'" in ran.err


def test_the_summary_counts_rows_flagged_and_refused(run: Run, payments: Path) -> None:
    payments.write_text(HEADER + GOOD + BAD + DRAINED)
    assert "3 rows: 1 flagged (1 block, 0 review), 1 refused" in run("score", payments).err


def test_columns_of_one_name_and_without_a_name_are_all_in_the_output(run: Run, payments: Path) -> None:
    payments.write_text(HEADER.strip() + ",note,note,,\n" + GOOD.strip() + ",a,b,c,d\n")
    [one] = lines(run("score", payments).out)
    assert one["columns"] == {"note": "a", "note_2": "b", "": "c", "_2": "d"}


def test_a_gzip_is_scored_as_what_is_packed_in_it(run: Run, payments: Path) -> None:
    payments.write_bytes(gzip.compress(HEADER.encode()) + gzip.compress((GOOD + DRAINED).encode()))
    assert [(one["line"], one["transaction_id"], one["decision"]) for one in lines(run("score", payments).out)] == [
        (2, "t-1", "approve"),
        (3, "t-2", "block"),
    ]


def test_a_refused_row_is_in_the_output_with_its_faults(run: Run, payments: Path) -> None:
    payments.write_text(HEADER + BAD + GOOD)
    refused, scored = lines(run("score", payments).out)
    assert (refused["transaction_id"], refused["risk"], refused["errors"][0]["pointer"]) == ("t-3", None, "/amount")
    assert scored["decision"] == "approve"


def test_of_many_refusals_some_are_shown_and_all_are_counted(run: Run, payments: Path) -> None:
    payments.write_text(HEADER + BAD * (REFUSALS_SHOWN + 5))
    ran = run("score", payments)
    assert ran.err.count("line ") == REFUSALS_SHOWN
    assert "and 5 more refused" in ran.err
    assert len(lines(ran.out)) == REFUSALS_SHOWN + 5


def test_unknown_columns_pass_through_and_change_no_risk(run: Run, payments: Path) -> None:
    before = lines(run("score", payments).out)
    payments.write_text(HEADER.strip() + ",isFraud,memo\n" + GOOD.strip() + ",0,rent\n" + DRAINED.strip() + ",1,gift\n")
    after = lines(run("score", payments).out)
    assert [one["columns"] for one in after] == [{"isFraud": "0", "memo": "rent"}, {"isFraud": "1", "memo": "gift"}]
    assert [one["risk"] for one in after] == [one["risk"] for one in before]


def test_the_risk_is_the_one_the_api_gives(run: Run, stack: Stack) -> None:
    """All 1,200 rows of the demo's file."""
    scored = lines(run("score", TRANSACTIONS).out)
    names = {"step": int, "amount": float} | {n: float for n in HEADER.strip().split(",") if "balance" in n}
    with TRANSACTIONS.open() as file:
        sent = [
            {name: names.get(name, str)(cell) for name, cell in row.items() if name != "isFraud"}
            for row in csv.DictReader(file)
        ]
    by_the_api = [
        entry
        for at in range(0, len(sent), 600)
        for entry in Caller().score(*sent[at : at + 600], store=False).json["results"]
    ]
    assert [(one["transaction_id"], one["risk"], one["decision"]) for one in scored] == [
        (one["transaction_id"], one["risk"], one["decision"]) for one in by_the_api
    ]


def test_a_model_of_ones_own_decides_by_the_thresholds_that_it_proposes(
    run: Run, payments: Path, tmp_path: Path
) -> None:
    own = tmp_path / "model"
    shutil.copytree(MODEL_DIR, own)
    manifest = json.loads((own / "manifest.json").read_text())
    manifest["thresholds"] = {"review": 0.3, "block": 0.9}
    (own / "manifest.json").write_text(json.dumps(manifest))
    decided = [
        [one["decision"] for one in lines(run("score", payments, *options).out)]
        for options in ((), ("--model-dir", str(own)))
    ]
    assert decided == [["approve", "block"], ["approve", "review"]]


def test_csv_keeps_the_files_columns_and_adds_ours(run: Run, payments: Path) -> None:
    approved, blocked = rows(run("score", payments, "--format", "csv").out)
    assert (approved["amount"], approved["decision"], approved["reasons"]) == ("1000.00", "approve", "")
    assert (blocked["transaction_id"], blocked["decision"]) == ("t-2", "block")
    assert "The amount is 100 % of the sender's balance" in blocked["reasons"]


def test_a_column_called_like_ours_is_renamed_not_lost(run: Run, payments: Path) -> None:
    payments.write_text(HEADER.strip() + ",risk,input_risk\n" + GOOD.strip() + ",high,low\n")
    [row] = rows(run("score", payments, "--format", "csv").out)
    assert (row["input_input_risk"], row["input_risk"]) == ("high", "low")
    assert float(row["risk"]) < 0.5


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d"])
def test_a_text_that_a_spreadsheet_would_run_is_quoted(start: str) -> None:
    assert safe(f"{start}cmd") == f"'{start}cmd"


@pytest.mark.parametrize("cell", ["-5", "-5.00", "-1e-3", "5", "text", "", "a=b", "'="])
def test_a_number_or_plain_text_is_left_as_it_is(cell: str) -> None:
    assert safe(cell) == cell


def test_a_formula_in_a_cell_a_header_or_a_refused_row_leaves_quoted(run: Run, payments: Path) -> None:
    good, bad = GOOD.replace("t-1", "=1+1").strip(), BAD.replace("t-3", "@bad").strip()
    payments.write_text(f"{HEADER.strip()},=header\n{good},+cell\n{bad},-cell\n")
    found = rows(run("score", payments, "--format", "csv").out)
    assert [(row["transaction_id"], row["'=header"]) for row in found] == [("'=1+1", "'+cell"), ("'@bad", "'-cell")]


def test_a_table_shows_the_riskiest_first(run: Run, payments: Path) -> None:
    payments.write_text(HEADER + DRAINED.replace("TRANSFER", "CASH_OUT").replace("t-2", "t-4") + GOOD + DRAINED)
    out = run("score", payments, "--format", "table").out
    assert out.index("t-2") < out.index("t-4")
    assert "t-1" not in out


def test_a_long_table_says_how_many_it_left_out(run: Run, payments: Path) -> None:
    payments.write_text(HEADER + DRAINED * 23)
    assert "and 3 more" in run("score", payments, "--format", "table").out


def test_a_table_of_nothing_says_so(run: Run, payments: Path) -> None:
    payments.write_text(HEADER + GOOD)
    assert run("score", payments, "--format", "table").out == "Nothing is flagged.\n"


def test_a_text_cannot_steer_the_terminal(run: Run, payments: Path) -> None:
    payments.write_text(HEADER + DRAINED.replace("t-2", "\x9b31m\u202e[red]") + f"x\x1b[2J{GOOD}", encoding="utf-8")
    ran = run("score", payments, "--format", "table")
    assert "?31m?[red]" in ran.out
    assert not {"\x9b", "\u202e", "\x1b"} & set(ran.out + ran.err)


def test_on_a_terminal_a_table_is_what_one_gets(payments: Path) -> None:
    main, side = os.openpty()
    with subprocess.Popen(
        [EXECUTABLE, "score", payments], stdout=side, stderr=subprocess.DEVNULL, env=os.environ | {"NO_COLOR": "1"}
    ) as process:
        os.close(side)
        shown = _all(main)
    assert process.returncode == 0
    assert "decision" in shown
    assert "{" not in shown


def _all(terminal: int) -> str:
    found = b""
    try:
        while more := os.read(terminal, 4096):
            found += more
    except OSError:  # how a terminal says that the other side is closed
        pass
    os.close(terminal)
    return found.decode()


def test_a_reader_that_leaves_early_is_no_error(payments: Path) -> None:
    payments.write_text(HEADER + GOOD * 5000)
    with subprocess.Popen([EXECUTABLE, "score", payments], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.mark.parametrize(("name", "start"), [("out.csv", "transaction_id,"), ("out.jsonl", "{"), ("out", "{")])
def test_a_file_is_written_in_the_format_of_its_name(run: Run, payments: Path, name: str, start: str) -> None:
    out = payments.with_name(name)
    ran = run("score", payments, "--out", out)
    assert (ran.code, ran.out) == (0, "")
    assert out.read_text().startswith(start)


def test_a_run_that_stops_leaves_what_was_there(run: Run, payments: Path) -> None:
    payments.write_bytes(gzip.compress((HEADER + GOOD).encode())[:-4])
    out = payments.with_name("out.csv")
    out.write_text("before")
    assert run("score", payments, "--out", out).code == 2
    assert out.read_text() == "before"
    assert sorted(path.name for path in out.parent.iterdir()) == ["out.csv", "payments.csv"]


def test_the_file_that_is_read_is_never_written_over(run: Run, payments: Path) -> None:
    link = payments.with_name("link.csv")
    link.symlink_to(payments)
    ran = run("score", payments, "--out", link)
    assert (ran.code, ran.err) == (2, f"fraudshield: {link} is the file to read; write to another one\n")


def test_a_device_is_written_to_and_not_replaced(run: Run, payments: Path) -> None:
    assert run("score", payments, "--out", "/dev/null").code == 0
    assert not Path("/dev/null").is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["missing.csv"], "No such file or directory"),
        (["/"], "Is a directory"),
        ([], "Missing argument 'FILE'"),
        (["-", "--format", "xml"], "'xml' is not one of"),
        (["-", "--json", "--format", "csv"], "contradict each other"),
        (["-", "--out", "/missing/out.csv"], "/missing is no folder"),
        (["-", "--model-dir", "/missing"], "The model in /missing was refused"),
        (["-", "--model-version", "0"], "expected 0"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_2(run: Run, arguments: list[str], said: str) -> None:
    ran = run("score", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert ran.err.startswith("fraudshield: ")
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("content", ["", "step,type\n", "{}"])
def test_a_file_that_is_no_csv_is_one_line_and_exit_code_2(run: Run, payments: Path, content: str) -> None:
    payments.write_text(content)
    ran = run("score", payments)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert str(payments) in ran.err
