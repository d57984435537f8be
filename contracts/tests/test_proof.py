"""What contracts add to the proof of the books, and what the database refuses about silence."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone

from contracts.models import Milestone
from contracts.selectors import CHECKS
from contracts.services import approve_milestone, release_overdue
from contracts.tests.factories import funded_step, submitted_step
from payments.selectors import prove
from payments.services import freeze_hold
from payments.tests.planting import planted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]
RELEASED = "(SELECT id FROM payments_hold WHERE released_minor > 0)"
WEEK = (
    "INSERT INTO contracts_timesheet (id, contract_id, week_start, rate_minor, currency, cap_minutes, status, hold_id, "
    "edits_until, review_until, billed_minor, created_at, updated_at) SELECT -1, gen_random_uuid(), '2027-03-01', 6000, "
    f"'USD', 600, 'open', {RELEASED}, now(), now(), 0, now(), now()"
)
CORRUPTION = {
    "silence_releases_only_in_time": "UPDATE contracts_milestone SET lapsed_at = now() + interval '1 hour'",
    "milestones_match_their_holds": (
        "INSERT INTO contracts_milestone (contract_id, position, title, description, amount_minor, currency, status, "
        "hold_id, created_at, updated_at) SELECT gen_random_uuid(), 1, '', '', 1, 'USD', 'funded', NULL, now(), now()"
    ),
    "bonuses_are_given_whole": (
        "INSERT INTO contracts_bonus (contract_id, hold_id, note, created_at) "
        "SELECT gen_random_uuid(), id, '', now() FROM payments_hold WHERE held_minor > 0"
    ),
    "terms_are_as_they_were_accepted": (
        "INSERT INTO contracts_termsversion (contract_id, number, text, sha256, created_at) "
        "VALUES (gen_random_uuid(), 1, 'Four labels.', 'the fingerprint of three', now())"
    ),
    "weeks_say_what_was_paid": WEEK,
    "hours_stay_within_their_week": f"{WEEK}; INSERT INTO contracts_timeentry (timesheet_id, freelancer_id, started_at, "
    "ended_at, memo, is_manual, rejection, created_at, updated_at) VALUES (-1, -1, '2027-03-07 23:00Z', "
    "'2027-03-08 01:00Z', '', true, '', now(), now())",
    "disputes_are_about_what_is_held": (
        "INSERT INTO contracts_dispute (contract_id, milestone_before, hold_id, opener_id, side, reason, explanation, answer, "
        "held_minor, claim_minor, currency, status, answer_by, reasons, opened_at, updated_at) SELECT gen_random_uuid(), '', "
        "id, payer_id, 'client', 'other', '', '', 1, 1, 'USD', 'open', now(), '', now(), now() FROM payments_hold "
        "WHERE released_minor > 0"
    ),
}


def make_overdue(milestone: Milestone) -> Milestone:
    Milestone.objects.filter(pk=milestone.pk).update(release_at=timezone.now() - timedelta(seconds=1))
    return milestone


def failing() -> set[str]:
    return {finding.check.name for finding in prove() if finding.offenders}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_planted_corruption_is_found(check) -> None:
    make_overdue(submitted_step())
    release_overdue()
    funded_step()
    assert failing() == set()
    with planted(CORRUPTION[check.name], "contracts"):
        assert check.name in failing()


def test_a_contract_without_terms_is_found() -> None:
    funded_step()
    with planted("DELETE FROM contracts_termsacceptance; DELETE FROM contracts_termsversion", "contracts"):
        assert failing() == {"terms_are_as_they_were_accepted"}


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE contracts_milestone SET lapsed_at = NULL",
        "UPDATE contracts_milestoneevent SET actor_id = NULL WHERE move = 'approve'",
        "UPDATE contracts_milestoneevent SET from_status = 'funded' WHERE move = 'approve'",
        "ALTER TABLE contracts_milestone DISABLE TRIGGER contracts_milestone_lapses_in_time",
    ],
)
def test_a_release_by_silence_that_was_none_is_found(sql: str) -> None:
    make_overdue(submitted_step())
    release_overdue()
    answered = submitted_step()
    approve_milestone(answered.contract.client, milestone_id=answered.pk)
    with planted(sql, "contracts"):
        assert "silence_releases_only_in_time" in failing()


def test_silence_keeps_the_deadline_that_passed() -> None:
    milestone = make_overdue(submitted_step())
    deadline = Milestone.objects.get(pk=milestone.pk).release_at
    release_overdue()
    milestone.refresh_from_db()
    assert (milestone.release_at, milestone.lapsed_at) == (None, deadline)


def test_the_database_refuses_silence_before_the_deadline() -> None:
    milestone = submitted_step()
    with pytest.raises(DatabaseError, match="has not lapsed"), transaction.atomic():
        Milestone.objects.filter(pk=milestone.pk).update(status="approved", lapsed_at=F("release_at"), release_at=None)


def test_one_that_cannot_be_released_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    broken, fine = make_overdue(submitted_step()), make_overdue(submitted_step())
    monkeypatch.setattr("contracts.services.release.READ_AT_ONCE", 1)
    assert broken.hold is not None
    freeze_hold(None, hold=broken.hold, reason="In dispute.")
    assert release_overdue() == 1
    fine.refresh_from_db()
    assert fine.status == "released"
    broken.refresh_from_db()
    assert broken.status == "submitted"
