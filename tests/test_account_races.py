"""The life of an account while others act, or the same thing is asked twice at once."""

from collections import Counter
from functools import partial
from typing import Any

import pytest

from accounts import services
from accounts.models import Appeal, DataExport, IdentityCheck, Suspension, User
from accounts.tests.factories import AuthSessionFactory, FreelancerFactory, UploadFactory, UserFactory, staff_of
from contracts.models import Contract
from contracts.services import accept_proposal
from core.errors import DomainError
from gigs.models import Gig
from gigs.services import accept_gig
from gigs.tests.factories import make_gig
from projects.tests.factories import ProposalFactory
from tests.racing import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("provider")]

TIMES = 6


def told(call: Any) -> str:
    """The code of its refusal, or "done"."""
    try:
        call()
    except DomainError as error:
        return error.code
    return "done"


def outcomes(*calls: Any) -> Counter[str]:
    return Counter(at_once(*[partial(told, call) for call in calls]))


def test_a_copy_is_made_once() -> None:
    user = UserFactory.create()
    session = AuthSessionFactory.create(user=user)
    asked = outcomes(*[partial(services.request_export, user, session=session)] * TIMES)
    assert asked == {"done": 1, "export_in_the_making": TIMES - 1}
    assert DataExport.objects.count() == 1


def test_a_person_is_suspended_once_and_appeals_once() -> None:
    user, moderator = UserFactory.create(), staff_of("moderator")
    grounds = {"rule": "abuse", "evidence": "messages", "reason": "Threats"}
    done = outcomes(*[partial(services.suspend, moderator, user_id=user.pk, **grounds)] * TIMES)
    assert done == {"done": 1, "already_suspended": TIMES - 1}
    assert outcomes(*[partial(services.appeal, user, text="Not me")] * TIMES)["done"] == 1
    others = [staff_of("moderator") for _ in range(TIMES)]
    appeal = Appeal.objects.get()
    decided = outcomes(
        *[
            partial(services.decide_appeal, other, appeal_id=appeal.pk, uphold=number % 2 == 0, answer="Looked at.")
            for number, other in enumerate(others)
        ]
    )
    assert decided == {"done": 1, "appeal_decided": TIMES - 1}
    appeal.refresh_from_db()
    assert (Suspension.objects.get().lifted_at is not None) == appeal.is_upheld


def test_a_document_is_sent_once_and_decided_once() -> None:
    user = UserFactory.create()
    uploads = [UploadFactory.create(owner=user, kind="identity") for _ in range(TIMES)]
    sent = outcomes(
        *[partial(services.submit_identity, user, document="passport", file_ids=[one.pk]) for one in uploads]
    )
    assert sent == {"done": 1, "identity_waiting": TIMES - 1}
    check = IdentityCheck.objects.get()
    staff = [staff_of("moderator") for _ in range(TIMES)]
    decide = [partial(services.decide_identity, one, check_id=check.pk, approve=True) for one in staff]
    assert outcomes(*decide) == {"done": 1, "identity_decided": TIMES - 1}


@pytest.mark.parametrize("repeat", range(3))
def test_nobody_is_hired_while_they_leave(repeat: int) -> None:
    user = FreelancerFactory.create()
    session, proposal = AuthSessionFactory.create(user=user), ProposalFactory.create(freelancer=user)
    client = proposal.project.client
    at_once(
        *[
            partial(told, partial(accept_proposal, client, proposal_id=proposal.pk)),
            partial(told, partial(services.erase_account, user, typed_email=user.email, session=session)),
        ]
    )
    user.refresh_from_db()
    hired = Contract.objects.filter(freelancer=user).exists()
    assert hired != (user.erased_at is not None)


@pytest.mark.parametrize("repeat", range(3))
def test_no_gig_is_taken_by_somebody_who_left(repeat: int) -> None:
    user, gig = UserFactory.create(), make_gig()
    session = AuthSessionFactory.create(user=user)
    at_once(
        *[
            partial(told, partial(accept_gig, User.objects.get(pk=user.pk), gig_id=gig.pk)),
            partial(told, partial(services.deactivate, user, session=session)),
        ]
    )
    user.refresh_from_db()
    taken = Gig.objects.filter(helper=user).exists()
    assert not (taken and user.deactivated_at)
