"""The figures by which the marketplace is run, in the console."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.forms.models import model_to_dict
from django.test import Client

from accounts.models import AuditEvent, MarketplaceRules, User
from accounts.selectors import marketplace_rules
from accounts.tests.factories import set_rules, staff_of

pytestmark = pytest.mark.django_db

PAGE = "/admin/accounts/marketplacerules/1/change/"

ConsoleAs = Callable[[User], Client]


def form(**changes: Any) -> dict[str, Any]:
    return model_to_dict(marketplace_rules()) | changes


def test_an_administrator_changes_them_and_the_log_keeps_both_values(console_as: ConsoleAs) -> None:
    administrator = staff_of("administrator")
    console = console_as(administrator)
    assert console.get("/admin/accounts/marketplacerules/").url == PAGE
    assert console.post(PAGE, form(fee_bps=1_250, payout_wait_days=3)).status_code == 302
    assert (marketplace_rules().fee_bps, marketplace_rules().payout_wait_days) == (1_250, 3)
    event = AuditEvent.objects.get(action="console.changed", actor=administrator)
    assert event.data["changes"]["fee_bps"] == [1_000, 1_250]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("fee_bps", 10_001),
        ("approval_days", 2),
        ("approval_days", 31),
        ("dispute_answer_days", 0),
        ("payout_minimum", 1_001),
        ("new_account_days", 91),
        ("new_account_proposals", 0),
        ("new_account_messages", 0),
    ],
)
def test_figures_that_cannot_be_are_refused_on_the_form_and_by_the_database(
    console_as: ConsoleAs, field: str, value: int
) -> None:
    page = console_as(staff_of("administrator")).post(PAGE, form(**{field: value}))
    assert page.status_code == 200 and page.context["errors"]
    with pytest.raises(IntegrityError), transaction.atomic():
        set_rules(**{field: value})


def test_finance_reads_them_and_others_do_not_come_in(console_as: ConsoleAs) -> None:
    finance = console_as(staff_of("finance"))
    assert "platform fee" in finance.get(PAGE).content.decode().lower()
    assert finance.post(PAGE, form(fee_bps=0)).status_code == 403
    for page in (PAGE, "/admin/accounts/marketplacerules/"):
        assert console_as(staff_of("moderator")).get(page).status_code == 403
    assert marketplace_rules().fee_bps == 1_000


def test_there_is_one_set_of_them(console_as: ConsoleAs) -> None:
    console = console_as(staff_of("administrator"))
    assert console.get("/admin/accounts/marketplacerules/add/").status_code == 403
    assert console.post("/admin/accounts/marketplacerules/1/delete/", {"post": "yes"}).status_code == 403
    with pytest.raises(IntegrityError), transaction.atomic():
        MarketplaceRules.objects.create(pk=2)
