"""Keeps what is seen of the product under faults, and writes docs/faults.md from it.

`python -m tests.faults.truth.record` runs every scenario, `... record FAULT` one; `... record FAULT FILE` keeps all
that was seen in a file, too.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.laptop.process import dynoxide
from tests.faults.truth import document
from tests.faults.truth.catalogue import BY_SLUG
from tests.faults.truth.observation import Observations, write
from tests.faults.truth.run import Run
from tests.faults.truth.scenario import complaints
from tests.faults.truth.seen import keep


def observed(slug: str, engine: Path) -> Observations:
    """What is seen of the product under the fault."""
    with TemporaryDirectory() as folder, BY_SLUG[slug].place(Path(folder), engine) as site:
        return Run(BY_SLUG[slug], site).observed()


def main(slugs: Iterable[str], file: Path | None = None) -> None:
    """Run the scenarios and print what is not as it must be; what is, is kept."""
    engine = dynoxide.binary()
    if isinstance(engine, dynoxide.EngineMissing):
        raise SystemExit(engine.reason)
    for slug in slugs:
        seen = observed(slug, engine)
        if file:
            write(seen, file)
        found = complaints(BY_SLUG[slug], seen)
        sys.stdout.writelines(f"{slug}: {line}\n" for line in found or ["as it must be"])
        if not found:
            keep(slug, seen)
    document.main()


if __name__ == "__main__":
    main(sys.argv[1:2] or BY_SLUG, Path(sys.argv[2]) if sys.argv[2:] else None)
