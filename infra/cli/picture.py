"""`python -m infra.cli.picture`: draws what the demo prints, docs/demo.svg, from a real run."""

import io
import re
import time
from pathlib import Path

from rich.console import Console

from infra.cli.path import DEMO_LOG, PICTURE, TRANSACTIONS

WIDTH = 100  # cells: the longest reason fits on one line


def svg() -> str:
    """The demo's page as a terminal shows it. The reader's own fonts: a picture should not load anything."""
    started = time.perf_counter()
    from infra.cli import demo, demo_page  # noqa: PLC0415 loading it is part of the time shown

    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, highlight=False)
    demo_page.opening(console)
    shown = demo.run(TRANSACTIONS, DEMO_LOG, demo_page.Progress(console, started).tell)
    demo_page.show(shown, console)
    demo_page.closing(console)
    drawn = console.export_svg(title="make demo", unique_id="demo")
    return re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL)


def main(path: Path = PICTURE) -> None:
    """Run the demo, draw it."""
    path.write_text(svg(), encoding="utf-8")


if __name__ == "__main__":
    main()
