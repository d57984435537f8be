"""Queries that are composed once answer as their querysets do, every time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent, User
from accounts.tests.factories import ClientFactory
from core.statements import Selection, Statement, change, insert
from notifications.models import Notification
from projects.models import Proposal
from projects.tests.factories import ProposalFactory

pytestmark = pytest.mark.django_db
SOME = -1_000_001


def test_a_selection_gives_what_the_queryset_gives(django_assert_num_queries: Any) -> None:
    rows = Proposal.objects.with_freelancer().prefetch_related("milestones")
    selection = Selection(rows.filter(pk=SOME), proposal=SOME)
    first, second = ProposalFactory.create(), ProposalFactory.create()
    for proposal in (first, second):
        found, expected = selection.first(proposal=proposal.pk), rows.get(pk=proposal.pk)
        assert found == expected
        assert found.get_deferred_fields() == expected.get_deferred_fields()
        with django_assert_num_queries(0):
            assert found.freelancer == proposal.freelancer
            assert found.freelancer.location == proposal.freelancer.location
            assert list(found.milestones.all()) == list(expected.milestones.all())
    assert selection.first(proposal=0) is None


def test_a_selection_locks() -> None:
    with transaction.atomic():
        selection = Selection(Proposal.objects.select_for_update().filter(pk=SOME), proposal=SOME)
    assert selection.sql.endswith("FOR UPDATE")


def test_a_mark_that_stands_nowhere_is_refused() -> None:
    with pytest.raises(AssertionError):
        Statement(Proposal.objects.filter(pk=1), ["id"], proposal=SOME)


def test_threads_that_share_a_selection_do_not_share_its_converters() -> None:
    """GEOS's reader of places fails, now and then, when two threads use the same one."""
    selection = Selection(User.objects.filter(pk=SOME), user=SOME)
    together = Barrier(4)

    def converters(_: int) -> int:
        together.wait()
        own = id(selection.own_to_thread.converters)
        together.wait()
        return own

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(converters, range(4)))) == 4


def test_a_selection_refreshes_as_the_queryset_does(django_assert_num_queries: Any) -> None:
    selection = Selection(Proposal.objects.select_related("freelancer").filter(pk=SOME), proposal=SOME)
    proposal = Proposal.objects.prefetch_related("milestones").get(pk=ProposalFactory.create().pk)
    known = proposal.project
    Proposal.objects.filter(pk=proposal.pk).update(cover_letter="Changed meanwhile.")
    proposal.milestones.create(position=99, title="New", amount_minor=100)
    selection.refresh(proposal, proposal=proposal.pk)
    assert proposal.cover_letter == "Changed meanwhile."
    with django_assert_num_queries(0):
        assert proposal.freelancer.pk == proposal.freelancer_id
    with django_assert_num_queries(2):
        assert "New" in [milestone.title for milestone in proposal.milestones.all()]
        assert proposal.project == known
        assert proposal.project is not known
    with pytest.raises(ObjectDoesNotExist):
        selection.refresh(proposal, proposal=0)


def test_a_row_is_inserted_as_it_is_saved() -> None:
    user = ClientFactory.create()
    kept = AuditEvent(actor=user, action="test.kept", data={"a": [1, "ö", None]}, ip_address="2001:db8::1")
    with CaptureQueriesContext(connection) as inserted:
        assert insert(kept) is kept
    kept.refresh_from_db()
    assert kept.data == {"a": [1, "ö", None]}
    assert kept.ip_address == "2001:db8::1"
    again = AuditEvent(actor=user, action=kept.action, data=kept.data, ip_address=kept.ip_address)
    again.created_at = kept.created_at
    with CaptureQueriesContext(connection) as saved:
        again.save()
    assert [one["sql"] for one in inserted] == [one["sql"] for one in saved]
    assert again.pk > kept.pk


def test_an_inserted_row_is_changed_by_its_next_save() -> None:
    news = insert(Notification(user=ClientFactory.create(), kind="test", title="Before"))
    news.title = "After"
    news.save()
    assert [one.title for one in Notification.objects.filter(user=news.user)] == ["After"]


def test_a_row_is_changed_only_while_it_is_as_it_was() -> None:
    proposal, other = ProposalFactory.create(), ProposalFactory.create()
    person = ClientFactory.create()
    values = {"cover_letter": "Changed.", "freelancer": person}
    assert change(proposal, values, if_still={"status": "submitted"})
    assert not change(proposal, {"cover_letter": "Again."}, if_still={"status": "accepted"})
    proposal.refresh_from_db()
    assert (proposal.cover_letter, proposal.freelancer) == ("Changed.", person)
    untouched = Proposal.objects.get(pk=other.pk)
    assert (untouched.cover_letter, untouched.freelancer) == (other.cover_letter, other.freelancer)
