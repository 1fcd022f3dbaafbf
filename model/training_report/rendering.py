"""A report as HTML and as Markdown. The page holds no script and no style of an element; what it has is one sheet."""

from collections.abc import Iterator, Sequence
from html import escape

from model.training_report.content import Chart, Section, TextTable

SHEET = """
body{font:15px/1.5 system-ui,sans-serif;color:#1f2933;background:#fff;max-width:1000px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;margin-bottom:.2rem}h2{font-size:1.15rem;margin:2.2rem 0 .4rem;border-top:1px solid #e4e7eb;
padding-top:1rem}table{border-collapse:collapse;margin:.8rem 0;font-size:13px;display:block;overflow-x:auto}
th,td{padding:.25rem .7rem;text-align:right;border-bottom:1px solid #e4e7eb;font-variant-numeric:tabular-nums}
th:first-child,td:first-child{text-align:left}thead th{color:#52606d;font-weight:600}
.charts{display:flex;flex-wrap:wrap;gap:1rem}figure{margin:0}figcaption{max-width:460px;font-size:13px;color:#52606d}
svg{max-width:100%;height:auto}
"""


def html(title: str, sections: Sequence[Section]) -> str:
    """One page."""
    body = "\n".join(part for section in sections for part in _html(section))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{escape(title)}</title>\n<style>{SHEET}</style>\n</head>\n<body>\n"
        f"<h1>{escape(title)}</h1>\n{body}\n</body>\n</html>\n"
    )


def markdown(title: str, sections: Sequence[Section], pictures: str = "") -> str:
    """The same, with its charts as `picture_files` names them in the folder `pictures`; without one, without them."""
    return f"# {title}\n\n" + "\n".join(part for section in sections for part in _markdown(section, pictures))


def picture_files(sections: Sequence[Section]) -> dict[str, str]:
    """Each chart by the name of its file."""
    return {_file(one): f"{one.svg}\n" for section in sections for one in section.charts}


def _html(section: Section) -> Iterator[str]:
    yield f"<h2>{escape(section.title)}</h2>"
    yield from (f"<p>{escape(one)}</p>" for one in section.says)
    yield from map(_html_table, section.tables)
    if section.charts:
        yield '<div class="charts">'
        for one in section.charts:
            yield f"<figure>{one.svg}<figcaption>{escape(one.says)}</figcaption></figure>"
        yield "</div>"


def _html_table(table: TextTable) -> str:
    head = "".join(f"<th>{escape(one)}</th>" for one in table.head)
    rows = "\n".join("<tr>" + "".join(f"<td>{escape(one)}</td>" for one in row) + "</tr>" for row in table.rows)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>"


def _file(chart: Chart) -> str:
    return f"{chart.title.lower().replace(' ', '-')}.svg"


def _markdown(section: Section, pictures: str) -> Iterator[str]:
    yield f"## {section.title}\n"
    yield from (f"{one}\n" for one in section.says)
    for table in section.tables:
        yield _row(table.head)
        yield _row(["---", *("---:" for _ in table.head[1:])])
        yield from map(_row, table.rows)
        yield ""
    for chart in section.charts if pictures else ():
        yield f"![{chart.says}]({pictures}/{_file(chart)})\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(one.replace("|", "\\|") for one in cells) + " |"
