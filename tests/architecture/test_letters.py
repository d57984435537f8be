"""Every letter has a subject, a plain text and a page; no part of one is missing or says something else."""

import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.html import strip_tags

from accounts.models import User
from core.letters import compose
from core.money import Money
from tests.architecture.source import ROOT, name_of, python_files

LETTERS = sorted(path for path in ROOT.glob("*/templates/*/emails/*") if path.is_dir())
PARTS = {"subject.txt", "body.txt", "body.html"}
GIVEN = {"person", "site_url", "subject"}  # by `compose`
PRICE = Money(123_45, "USD")
OTHERS: dict[str, object] = {
    **dict.fromkeys(["amount", "gross", "fee", "net"], PRICE),
    **dict.fromkeys(["path", "url", "start"], "/some/where/?token=abc"),
    "release_at": datetime(2026, 12, 1, 15, 30, tzinfo=UTC),
    **dict.fromkeys(
        ["appeal_until", "expires_at", "answer_by", "settled_at"], datetime(2026, 12, 15, 9, 0, tzinfo=UTC)
    ),
    "rating": 4,
    "unread": 3,
}


def template_of(folder: Path) -> str:
    return folder.as_posix().rpartition("/templates/")[2]


def values_for(folder: Path) -> dict[str, object]:
    """Something for every name that the templates mention; the texts would be tags if they were not escaped."""
    tags = " ".join(re.findall(r"{[{%].*?[%}]}", "".join(part.read_text() for part in folder.iterdir())))
    names = set(re.findall(r"\b[a-z]\w*", tags)) - GIVEN
    return {name: f"<{name}!>" for name in names} | {name: value for name, value in OTHERS.items() if name in names}


@pytest.fixture
def reader() -> User:
    return User(
        email="reader@example.com", first_name="Ada", last_name="<Fox>", language="en", time_zone="Europe/Brussels"
    )


@pytest.fixture(params=LETTERS, ids=template_of)
def folder(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture
def letter(folder: Path, reader: User) -> EmailMultiAlternatives:
    return compose(template_of(folder), to=reader, context=values_for(folder))


def test_it_has_all_parts_and_no_others(folder: Path) -> None:
    assert {part.name for part in folder.iterdir()} == PARTS


def test_the_subject_is_one_short_line(letter: EmailMultiAlternatives) -> None:
    assert 8 <= len(letter.subject) <= 120
    assert "\n" not in letter.subject


def test_the_text_is_plain(letter: EmailMultiAlternatives) -> None:
    assert not re.search(r"</?(p|a|br|div|strong|bdi|span)\b|&(lt|gt|amp|#\d+);", letter.body)
    assert "{{" not in letter.body and "{%" not in letter.body
    assert "\n\n\n" not in letter.body


def test_the_page_says_what_the_text_says(letter: EmailMultiAlternatives) -> None:
    [(page, kind)] = letter.alternatives
    assert kind == "text/html"
    said = words(unescape(strip_tags(re.sub(r"<(head|style)\b.*?</\1>", "", str(page), flags=re.DOTALL))))
    missing = words(re.sub(r"https?://\S+", "", letter.body)) - said
    assert not missing, f"only in the plain text: {sorted(missing)}"


def words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]{4,}", text.lower()))


def test_values_are_escaped_on_the_page_and_bare_elsewhere(letter: EmailMultiAlternatives) -> None:
    [(page, _)] = letter.alternatives
    assert re.findall(r"<\w+!>", str(page)) == []
    assert "&lt;" not in letter.body + letter.subject


def test_links_lead_to_the_site(letter: EmailMultiAlternatives) -> None:
    [(page, _)] = letter.alternatives
    links = [unescape(link) for link in re.findall(r'href="([^"]+)"', str(page))]
    assert links
    assert all(link.startswith((settings.SITE_URL, "mailto:")) for link in links), links


def test_every_letter_is_sent_by_somebody() -> None:
    sources = "".join(path.read_text() for path in python_files())
    assert [name_of(folder) for folder in LETTERS if template_of(folder) not in sources] == []
