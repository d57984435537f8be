"""Queries that are composed once answer as their querysets do, every time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import transaction

from accounts.models import User
from core.statements import Selection, Statement
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
