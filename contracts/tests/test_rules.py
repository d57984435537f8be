from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest

from contracts.rules import HELD_MILESTONES, MilestoneStatus
from contracts.rules.changes import differences, why_not_change
from contracts.rules.clocks import early_reminder_at, hold_clock, overdue_from
from contracts.rules.ending import is_owed_work, keeps_from_ending
from contracts.rules.terms import TermsStep, fingerprint, terms_text
from core.money import Money
from payments.rules import hold_ends_at, silence_at

PAID = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def test_silence_never_outlasts_the_hold():
    assert silence_at(PAID, 14, PAID) == PAID + 14 * DAY
    assert silence_at(PAID + 80 * DAY, 14, PAID) == hold_ends_at(PAID)


def test_held_funds_are_settled_before_day_ninety():
    kinds = [planned.kind for planned in hold_clock(PAID)]
    assert kinds == ["hold_warning", "hold_review", "hold_limit"]
    assert hold_clock(PAID)[-1].at <= PAID + 90 * DAY


@pytest.mark.parametrize(
    ("due", "from_when"),
    [
        (date(2026, 3, 20), datetime(2026, 3, 21, tzinfo=UTC)),
        (date(2026, 2, 1), PAID + 3 * DAY),  # paid in late: a few days are left all the same
        (None, PAID + 30 * DAY),
    ],
)
def test_money_is_asked_back_after_the_day_of_delivery(due, from_when):
    assert overdue_from(due, PAID) == from_when


@pytest.mark.parametrize(("approval_days", "after"), [(14, 5), (8, 5), (7, None), (3, None)])
def test_the_early_reminder_never_meets_the_late_one(approval_days, after):
    release_at = PAID + approval_days * DAY
    assert early_reminder_at(release_at, approval_days) == (PAID + after * DAY if after else None)


@pytest.mark.parametrize("status", HELD_MILESTONES)
def test_a_held_price_only_goes_down(status):
    assert why_not_change(status, is_rolled=False, step=-1) is None
    assert why_not_change(status, is_rolled=False, step=0) is None
    assert why_not_change(status, is_rolled=False, step=1).code == "milestone_funded"
    assert why_not_change(status, is_rolled=True, step=0).code == "milestone_rolled"


def test_a_price_that_was_not_paid_in_goes_anywhere_and_a_settled_one_nowhere():
    assert why_not_change(MilestoneStatus.PENDING, is_rolled=False, step=5) is None
    for status in (MilestoneStatus.RELEASED, MilestoneStatus.REFUNDED, MilestoneStatus.APPROVED):
        assert why_not_change(status, is_rolled=False, step=0).code == "milestone_ended"
    assert why_not_change(MilestoneStatus.DISPUTED, is_rolled=False, step=0).code == "milestone_disputed"


def test_differences_name_what_changes_and_nothing_else():
    before = {"title": "Drafts", "amount": "200.00", "due_date": None}
    assert differences(before, before | {"amount": "150.00"}) == {"amount": ("200.00", "150.00")}
    assert differences(before, {}) == {"title": ("Drafts", None), "amount": ("200.00", None)}
    assert differences({}, {"title": "Drafts", "due_date": None}) == {"title": (None, "Drafts")}


@pytest.mark.parametrize(
    ("status", "handed_in", "client", "freelancer"),
    [
        ("pending", False, False, False),
        ("funded", False, False, False),
        ("funded", True, True, False),  # the rest of a part that was approved
        ("submitted", True, True, True),
        ("revision_requested", True, True, False),
        ("disputed", True, True, True),
        ("released", True, False, False),
        ("refunded", False, False, False),
    ],
)
def test_what_has_to_be_settled_before_the_end(status, handed_in, client, freelancer):
    assert keeps_from_ending("client", status, handed_in=handed_in) is client
    assert keeps_from_ending("freelancer", status, handed_in=handed_in) is freelancer


def test_the_last_word_decides_at_the_limit():
    assert is_owed_work("funded") and is_owed_work("revision_requested")
    assert not is_owed_work("submitted")


def terms(**other) -> str:
    facts = {
        "contract_id": "c1",
        "title": "Labels",
        "client_id": 1,
        "freelancer_id": 2,
        "scope": "Three labels.",
        "currency": "USD",
        "fee_bps": 1250,
        "approval_days": 14,
        "steps": [TermsStep("Drafts", "On paper.", Money(200_01, "USD"), date(2026, 4, 1))],
    }
    return terms_text(**(facts | other))


def test_terms_say_all_that_was_agreed():
    text = terms()
    for words in ("Labels", "person 1", "Three labels.", "1. Drafts: 200.01 USD, due 2026-04-01", "12.5 %", "14 days"):
        assert words in text


@pytest.mark.parametrize("other", [{"fee_bps": 1000}, {"scope": "Four labels."}, {"steps": []}, {"approval_days": 7}])
def test_another_word_is_another_fingerprint(other):
    assert fingerprint(terms()) == sha256(terms().encode()).hexdigest()
    assert fingerprint(terms()) != fingerprint(terms(**other))
