"""The version is written once, in the package; whatever else says it says the same."""

import tomllib

from fraudshield import __version__
from infra.openapi import document
from tests.contract.expanded import ROOT, template


def test_the_project_takes_its_version_from_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" in project["project"]["dynamic"]
    assert "version" not in project["project"]
    source = ROOT / project["tool"]["hatch"]["version"]["path"]
    assert f'__version__ = "{__version__}"' in source.read_text(encoding="utf-8")


def test_the_template_and_the_api_document_say_the_packages_version() -> None:
    assert template()["Outputs"]["Version"]["Value"] == __version__
    assert f'"version": "{__version__}"' in document.DOCUMENT.read_text(encoding="utf-8")
