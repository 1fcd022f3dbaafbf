"""Folders and files have a size that can be read: at most 30 modules, at most 250 lines, usually 60 to 150."""

from collections import Counter
from collections.abc import Mapping
from pathlib import PurePosixPath
from statistics import median

from tests.contract.syntax import ROOT

PRODUCT = ("layers", "functions", "infra", "model")
MOST_MODULES = 30
MOST_LINES = 250
USUAL_LINES = (60, 150)
DATA = "tests/data/"


def lines(*folders: str) -> dict[str, int]:
    """How many lines each module of these folders has, by path; `__init__.py` only says that there is a package."""
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")) if path.stem != "__init__"]
    counted = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8").count("\n") for path in paths}
    return {path: number for path, number in counted.items() if not path.startswith(DATA)}


def full_folders(files: Mapping[str, int]) -> list[str]:
    """Folders with more modules than one can look through."""
    modules = Counter(str(PurePosixPath(path).parent) for path in files)
    return [f"{folder}: {number} modules" for folder, number in sorted(modules.items()) if number > MOST_MODULES]


def long_files(files: Mapping[str, int]) -> list[str]:
    """Modules that do more than one thing."""
    return [f"{path}: {number} lines" for path, number in files.items() if number > MOST_LINES]


def unusual_median(files: Mapping[str, int]) -> list[str]:
    """The median length where it is not usual."""
    middle, (least, most) = median(files.values()), USUAL_LINES
    return [] if least <= middle <= most else [f"the median file has {middle:g} lines"]


def test_no_folder_holds_more_modules_than_one_can_look_through() -> None:
    assert full_folders(lines(*PRODUCT, "tests")) == []


def test_no_file_of_the_product_is_too_long() -> None:
    assert long_files(lines(*PRODUCT)) == []


def test_the_median_file_has_a_usual_length() -> None:
    assert unusual_median(lines(*PRODUCT)) == []


def test_a_full_folder_is_named() -> None:
    planted = {f"infra/cli/m{number}.py": 80 for number in range(MOST_MODULES)} | {"infra/price.py": 80}
    assert full_folders(planted) == []
    assert full_folders(planted | {"infra/cli/more.py": 80}) == ["infra/cli: 31 modules"]


def test_a_long_file_is_named() -> None:
    assert long_files({"model/a.py": MOST_LINES, "model/b.py": MOST_LINES + 1}) == ["model/b.py: 251 lines"]


def test_an_unusual_median_is_named() -> None:
    assert unusual_median({"a.py": 10, "b.py": 20, "c.py": 200}) == ["the median file has 20 lines"]
