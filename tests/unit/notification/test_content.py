"""What a mail says, and that nothing in it can be more than a value."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraudshield.notification.alert import Alert, Severity
from fraudshield.notification.content import DETAILED, MOST_SUBJECT, MailContent, MailTemplates, link_page, visible
from fraudshield.notification.mail import MailKind, new_mail
from tests.fake_outbox import LINKS, START, alert, subscriber

EVIL = [
    "x\r\nBcc: everybody@example.org",
    "x\nSubject: another",
    "x\u2028y\u0085z\x0bw\x00",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% for x in y %}{{ x }}",
    "{# gone #}${7*7}#{7*7}<%= 7*7 %>",
    "\u202etxt.exe\u202c",
    "</table></body>",
]


class Tags(HTMLParser):
    """The names of all tags and attributes, and the addresses of all links."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names += [tag, *(name for name, _ in attrs)]
        self.links += [value or "" for name, value in attrs if name == "href"]


def content(*alerts: Alert, name: str = "Anna", kind: MailKind = "alerts") -> MailContent:
    who = replace(subscriber(), name=name)
    return MailTemplates(LINKS).content(who, new_mail(who, kind, len(alerts), "aa", START), alerts, START)


def test_one_alert_says_what_how_much_and_why_and_where_to_look() -> None:
    written = content(alert())
    assert written.subject == "[FraudShield] high: TRANSFER of 1.00, risk 97.3 %, blocked"
    for text in (written.text, written.html):
        assert "TRANSFER of 1.00, risk 97.3 %, blocked" in text
        assert "The receiver is not a merchant" in text
        assert "https://fraud.example/#/transactions/t-1" in text
        assert LINKS.unsubscribe("anna-id") in text


def test_a_digest_tells_the_worst_first_and_lists_all() -> None:
    written = content(*(alert(number) for number in range(30)), alert(99, Severity.CRITICAL))
    assert written.subject == "[FraudShield] 31 alerts, 1 of them critical"
    assert written.text.index("/t-99") < written.text.index("/t-0")
    assert f"{31 - DETAILED} more" in written.text
    links = [link for link in Tags(written.html).links if "/transactions/" in link]
    assert sorted(links) == sorted(LINKS.page(f"/#/transactions/t-{number}") for number in [*range(30), 99])


def test_an_alert_without_a_path_on_the_page_has_no_link() -> None:
    written = content(*(alert(number, path="") for number in range(30)))
    assert "/#/" not in written.html + written.text


def test_the_question_whether_the_mails_are_wanted() -> None:
    written = content(kind="confirmation")
    assert LINKS.confirm("anna-id", START) in Tags(written.html).links
    assert LINKS.confirm("anna-id", START) in written.text.splitlines()


def planted(evil: str) -> MailContent:
    return content(*(alert(n, about=evil, title=evil, why=(evil,)) for n in range(DETAILED + 2)), name=evil)


@pytest.mark.parametrize("evil", EVIL)
def test_what_stands_in_a_field_adds_nothing_to_the_mail(evil: str) -> None:
    written, plain = planted(evil), planted("plain")
    assert Tags(written.html).names == Tags(plain.html).names
    assert len(written.text.splitlines()) == len(plain.text.splitlines())
    assert "".join(written.text.split()).count("49") == "".join(plain.text.split()).count("49")


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("kind", ["alerts", "confirmation"])
def test_a_subject_is_one_line_whatever_stands_in_a_field(evil: str, kind: MailKind) -> None:
    subject = content(alert(title=evil * 40), name=evil, kind=kind).subject
    assert subject.isprintable()
    assert len(subject) <= MOST_SUBJECT


def test_template_syntax_is_shown_as_it_is() -> None:
    assert "{{ 7 * 7 }}{% for x in y %}{{ x }}" in planted(EVIL[5]).text


@given(st.text())
def test_what_is_visible_is_one_line(text: str) -> None:
    shown = visible(text)
    assert len(shown.splitlines()) <= 1
    assert len(shown) == len(text)


def test_letters_go_as_they_are_written() -> None:
    assert visible("Łódź, 日本, €5 \N{WHITE SMILING FACE}") == "Łódź, 日本, €5 \N{WHITE SMILING FACE}"


def test_a_page_behind_a_link_asks_before_it_acts() -> None:
    assert re.search(r'<form method="post">\s*<button>Yes</button>', link_page("Sure?", "Really?", "Yes"))
    assert "<form" not in link_page("Done", "Gone")
    assert "<b>" not in link_page("<b>", "<b>", "<b>")
