"""The commands that the pages show: those that a laptop can run, and by reason those that it cannot or should not."""

import re
import shlex
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tests.conftest import ROOT

PAGES = [ROOT / "README.md", ROOT / "events/README.md", *sorted((ROOT / "docs").glob("*.md"))]

# What is not run as it stands, and who sees to it. Whatever matches none of these is run on a laptop cloud.
ELSEWHERE = {
    r"make up": "runs until Ctrl-C: tests/integration/laptop/test_cloud.py starts it and ends it",
    r"make down": "would end the cloud of whoever runs the tests: tests/integration/laptop/test_cloud.py",
    r"make demo": "tests/cli/test_demo.py",
    r"make (test|check)": "is what runs this",
    r"make bench": "takes minutes; who changes what is measured runs it",
    r"make cost": "tests/price/test_price.py",
    r"make model": "takes minutes: tests/model trains with the same code",
    r"(\w+=\S+ )?make (deploy|destroy) .*": "needs an AWS account: tests/unit/infra/deployment plays one",
    r"fraudshield redrive --aws .*": "needs an AWS account",
    r"fraudshield restore --stage .*": "needs an AWS account: tests/long/test_restore_drill.py does it on a laptop",
    r"fraudshield upgrade": "would upgrade the data of whoever runs the tests: laptop/test_upgrade.py",
    r"fraudshield upgrade --.*": "tests/contract/template/test_stack_upgrade.py; the rest needs an AWS account",
    r"for each in \.aws-sam/build/upgrade-\*\.json; do sam deploy .*": "needs an AWS account",
    r"node examples/integrate/client\.mjs .*": "tests/integration/integrate runs it where there is Node.js",
    r"curl -X DELETE .*/transactions/t-1": "asks for a type without a sender: tests/integration/erasure/test_thing.py",
    r"curl -X DELETE .*/entities/device/d-1": "asks for a type with a device: tests/integration/erasure/test_thing.py",
    r"curl -s .*event_type=card_payment.*": "asks for a type of one's own: analytics/test_category.py",
    r"curl -s .*\"event_type\": \"card_payment\".*": "tests/cli/test_your_own_model.py runs docs/your-own-model.md",
    r".*fraudshield train --from-store .*": "tests/cli/test_train_from_store.py",
    r".*card(_payment\.yaml|\.csv|-model).*": "tests/cli/test_your_own_model.py runs docs/your-own-model.md",
    r"(AWS_PROFILE=\S+ )?(\S*/)?fraudshield model (publish|list|show|activate|rollback|propose|challenge|compare).*": (
        "asks for a model of one's own, or a thousand payments: integration/predictor, integration/backtest"
    ),
    r"make sam-local": "needs Docker: tests/samlocal is what it runs",
    r"make build": "tests/contract/test_build.py builds each layer as it does",
    r"(\S*/)?fraudshield containers.*": "needs Docker: tests/samlocal starts it",
    r"export AWS_ACCESS_KEY_ID=.*": "is what the one before prints",
    r"sam local .*": "needs Docker: tests/samlocal runs each function so",
    r"make validate && make build": "tests/contract/template/test_lint.py and tests/contract/test_build.py",
    r"(\S*/)?sam deploy .*": "needs an AWS account",
    r"aws (cloudformation|apigateway|dynamodb|lambda|route53) .*": "needs an AWS account",
    r"aws s3 cp march\.csv s3://\$JOBS_BUCKET/incoming/": "needs an AWS account",
    r"curl -X POST <ApiUrl>.*": "needs an AWS account",
}


def commands(page: Path) -> list[str]:
    """Its commands as they are written, each whole."""
    blocks = re.findall(r"(?ms)^```(?:sh|bash|shell)\n(.*?)^```", page.read_text(encoding="utf-8"))
    return [command for block in blocks for command in _statements(block)]


def elsewhere(command: str) -> str | None:
    """The pattern by which a command is not run, if there is one."""
    plain = " ".join(shlex.split(command.replace("\\\n", " "), comments=True))
    return next((pattern for pattern in ELSEWHERE if re.fullmatch(pattern, plain, re.DOTALL)), None)


def _statements(block: str) -> Iterator[str]:
    """A command ends with its line, unless that ends with a backslash or inside a quotation."""
    pending = ""
    for line in block.splitlines(keepends=True):
        pending += line
        if line.rstrip("\n").endswith("\\"):
            continue
        with suppress(ValueError):  # a quotation that is not closed yet
            if shlex.split(pending, comments=True):
                yield pending
            pending = ""
    assert not pending, f"{pending} closes no quotation"
