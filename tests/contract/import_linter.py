"""Checks import contracts again and again: `import_linter.py CONFIG CACHE`, in the folder of the packages.

At every line of its standard input it says what lint-imports says of them as they are then.
"""

import sys

CHECKED = "checked\n"  # after each answer


def main(config: str, cache: str) -> None:
    """Answer until the input ends."""
    from importlinter.cli import lint_imports

    for _ in sys.stdin:
        lint_imports(config_filename=config, cache_dir=cache)
        sys.stdout.write(CHECKED)
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
