"""Every letter of every app: all three parts, in the reader's clock and format."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings

from accounts import emails
from accounts.tests.factories import UserFactory
from core.letters import compose
from core.money import Money

pytestmark = pytest.mark.django_db

NAMES_OF_CONTRACT = {
    "welcome_email", "email_verification", "password_reset_request", "password_reset_success", "proposal_received",
    "proposal_accepted", "contract_created", "milestone_completed", "payment_received", "payment_sent", "review_received",
}  # fmt: skip
MONEY_FILTERS = r"(?:negated\|)?(?:money|money_text|signed_money|short_money)"
TIME_FILTERS = r"(?:relative_time|exact_time|short_date|when|time_left)"
TRICKY = "<b>Brot & Käse</b>"


def letters() -> list[str]:
    folders = [folder for app in apps.get_app_configs() for folder in Path(app.path).glob("templates/*/emails/*/")]
    ours = [folder for folder in folders if settings.BASE_DIR in folder.parents and ".venv" not in folder.parts]
    return sorted(f"{folder.parent.parent.name}/emails/{folder.name}" for folder in ours)


def sample(template: str) -> dict[str, Any]:
    """A value for everything that the templates of the letter name, of the kind that their filters want."""
    app = template.split("/")[0]
    folder = settings.BASE_DIR / app / "templates" / template
    source = "".join(file.read_text() for file in folder.iterdir())
    names = set(re.findall(r"{{\s*(\w+)", source)) | set(re.findall(r"(?:with|and|add:)[\s]*(?:\w+=)?(\w+)", source))
    values: dict[str, Any] = dict.fromkeys(names - {"site_url", "SITE_NAME", "person", "block"}, TRICKY)
    values |= dict.fromkeys(re.findall(rf"(\w+)\|{MONEY_FILTERS}", source), Money(123_450, "EUR"))
    values |= dict.fromkeys(re.findall(rf"(\w+)\|{TIME_FILTERS}", source), datetime(2026, 11, 21, 23, 30, tzinfo=UTC))
    values |= dict.fromkeys(re.findall(r"count \w+=(\w+)", source), 2)
    return values | dict.fromkeys(("url", "path", "start"), "/somewhere/")


@pytest.mark.parametrize("template", list(letters()))
def test_a_letter_has_a_subject_a_text_and_a_page(template: str) -> None:
    reader = UserFactory.build(first_name="Zoë <i>", language="en", time_zone="Asia/Tokyo")
    letter = compose(template, to=reader, context=sample(template))
    [(html, kind)] = letter.alternatives
    assert letter.subject.strip()
    assert "\n" not in letter.subject
    assert "{{" not in letter.subject + letter.body + html
    assert letter.to == [reader.email]
    assert "&lt;" not in letter.subject + letter.body, "the plain parts are not HTML"
    assert "<bdi" not in letter.subject + letter.body
    assert kind == "text/html"
    assert "<b>Brot" not in html, "names are escaped"
    assert 'style="' in html, "rules are copied onto the elements"
    assert "http://" in letter.body or "https://" in letter.body


def test_the_letters_that_the_contract_names_are_there() -> None:
    assert {template.rpartition("/")[2] for template in letters()} >= NAMES_OF_CONTRACT


def test_links_lead_to_this_site() -> None:
    letter = emails.email_verification(UserFactory.create(unverified=True), token="t0ken")
    address = f"{settings.SITE_URL}/verify-email/?token=t0ken"
    assert address in letter.body
    assert f'href="{address}"' in letter.alternatives[0][0]
