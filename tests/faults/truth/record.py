"""Keeps what is seen of the product under one fault: `python -m tests.faults.truth.record FAULT FILE`."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.laptop.process import dynoxide
from tests.faults.truth.catalogue import BY_SLUG
from tests.faults.truth.observation import write
from tests.faults.truth.run import Run
from tests.faults.truth.scenario import complaints


def main(slug: str, file: Path) -> None:
    """Run the scenario, keep its observations and print what is not as it must be."""
    scenario, engine = BY_SLUG[slug], dynoxide.binary()
    if isinstance(engine, dynoxide.EngineMissing):
        raise SystemExit(engine.reason)
    with TemporaryDirectory() as folder, scenario.place(Path(folder), engine) as site:
        seen = Run(scenario, site).observed()
    write(seen, file)
    sys.stdout.writelines(f"{line}\n" for line in complaints(scenario, seen))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
