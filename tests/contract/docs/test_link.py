"""Every relative link of every page leads to a file of this repository, and to the heading that it names."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BUILT = {"build", "dist", "node_modules", "vendor"}
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)  # a scheme, or another host


def pages(root: Path) -> list[Path]:
    """The Markdown files of the repository: none of an environment, of a build or of what was fetched."""
    folders = [place for place in root.iterdir() if place.is_dir() and not place.name.startswith(".")]
    below = (page for folder in folders for page in folder.rglob("*.md"))
    return sorted([*root.glob("*.md"), *(page for page in below if not BUILT & {*page.relative_to(root).parts})])


def links(markdown: str) -> list[str]:
    """The targets of links and images, in Markdown's spelling and in HTML's; code is passed over."""
    prose = re.sub(r"`[^`\n]*`", "`code`", re.sub(r"(?ms)^( *)```.*?^\1```", "", markdown))
    inline = re.findall(r"\]\(\s*<?([^)\s>]+)", prose)
    named = re.findall(r"(?m)^ {0,3}\[[^\]]+\]:\s*<?(\S+?)>?\s*$", prose)
    html = re.findall(r"""(?:href|src|srcset)=["']([^"'\s]+)""", prose)
    return inline + named + html


def anchors(markdown: str) -> set[str]:
    """The ids that GitHub gives the headings of a page."""
    prose = re.sub(r"(?ms)^```.*?^```", "", markdown)
    titles = re.findall(r"(?m)^#+ +(.+?) *$", prose)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def broken(page: Path, root: Path) -> list[str]:
    """The relative links of a page that lead nowhere, or out of the repository."""
    return [link for link in links(page.read_text(encoding="utf-8")) if leads_nowhere(link, page, root)]


def leads_nowhere(link: str, page: Path, root: Path) -> bool:
    """Whether there is no such file, or no such heading in it; what lies on another host is not asked for."""
    if ELSEWHERE.match(link):
        return False
    path, _, heading = link.partition("#")
    file = (page.parent / path).resolve() if path else page
    if not file.is_relative_to(root) or not file.exists():
        return True
    return bool(heading) and file.suffix == ".md" and heading not in anchors(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", pages(ROOT), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    assert broken(page, ROOT) == []


def test_the_pages_that_people_read_first_are_among_those_checked() -> None:
    names = {str(page.relative_to(ROOT)) for page in pages(ROOT)}
    assert names >= {"README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/api.md", "docs/settings.md"}


@pytest.mark.parametrize(
    "planted",
    [
        "[a page](docs/nowhere.md)",
        "![a picture](nowhere.svg)",
        '<source srcset="nowhere.svg">',
        "[a page][1]\n\n[1]: nowhere.md",
        "[a heading](#nowhere)",
        "[a heading of another page](other.md#nowhere)",
        "[out of the repository](../../etc)",
    ],
)
def test_a_broken_link_is_named(planted: str, tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# Other\n\n## A heading\n")
    page = tmp_path / "page.md"
    page.write_text(f"# Page\n\n{planted}\n")
    assert len(broken(page, tmp_path)) == 1


def test_whole_links_other_hosts_and_code_are_not_named(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# Other\n\n## A heading\n")
    page = tmp_path / "page.md"
    whole = "[a](other.md#a-heading) [b](#page) [c](https://example.org/x)"
    page.write_text(f"# Page\n{whole} `[d](e)`\n```\n[f](g)\n```\n")
    assert broken(page, tmp_path) == []
