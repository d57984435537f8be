"""The life of an account while others act, or the same thing is asked twice at once."""

from collections import Counter
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from accounts import services
from accounts.models import (
    Appeal,
    AuthSession,
    ClientProfile,
    DataExport,
    FreelancerProfile,
    IdentityCheck,
    Suspension,
    User,
)
from accounts.tests.factories import AuthSessionFactory, FreelancerFactory, UploadFactory, UserFactory, staff_of
from contracts.models import Contract
from contracts.services import accept_proposal
from core.errors import DomainError
from gigs.models import Gig
from gigs.services import accept_gig, cancel_gig
from gigs.tests.factories import make_gig
from notifications.services import notify
from projects.models import Project
from projects.tests.factories import ProjectFactory, ProposalFactory
from tests.racing import at_once, free, until_it_waits

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


def close(user: User) -> None:
    services.deactivate(user, session=AuthSessionFactory.create(user=user))


def erase(user: User) -> None:
    services.erase_account(user, typed_email=user.email, session=AuthSessionFactory.create(user=user))


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


@pytest.mark.parametrize("leave", [close, erase])
def test_who_signs_out_elsewhere_may_leave_meanwhile(leave: Any) -> None:
    """Signing out asks for the person last, with the sign-in locked."""
    user = UserFactory.create()
    other = AuthSessionFactory.create(user=user)
    with transaction.atomic():
        services.end_session(user, session_id=str(other.pk))
        left = until_it_waits(lambda: leave(user))
    left.result()
    user.refresh_from_db()
    assert not user.is_active


def test_who_is_told_something_may_be_erased_meanwhile() -> None:
    """Whoever tells a person something asks for them last, with the work that it is about locked."""
    user = UserFactory.create()
    gig = cancel_gig(user, gig_id=make_gig(seeker=user).pk)
    with transaction.atomic():
        Gig.objects.select_for_update(no_key=True).get(pk=gig.pk)
        notify(user, kind="gig_cancelled", title="News")
        left = until_it_waits(lambda: erase(user))
    left.result()
    user.refresh_from_db()
    assert user.erased_at


def test_two_who_offered_to_work_for_each_other_may_leave_at_once() -> None:
    first, second = ProjectFactory.create(), ProjectFactory.create()
    ProposalFactory.create(project=first, freelancer=second.client)
    ProposalFactory.create(project=second, freelancer=first.client)
    with transaction.atomic():
        Project.objects.select_for_update(no_key=True).get(pk=first.pk)
        left = until_it_waits(lambda: close(second.client))
        assert free(Project.objects.filter(pk=second.pk))
    left.result()
    second.refresh_from_db()
    assert second.status == "cancelled"


def test_a_document_is_decided_about_under_its_owners_lock() -> None:
    check = IdentityCheck.objects.create(user=UserFactory.create(), document="passport")
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=check.user_id)
        decided = until_it_waits(
            lambda: services.decide_identity(staff_of("moderator"), check_id=check.pk, approve=True)
        )
        assert free(IdentityCheck.objects.filter(pk=check.pk))
    assert decided.result().is_approved


def test_sign_ins_are_ended_in_one_order() -> None:
    user = UserFactory.create()
    for number in (3, 1, 2):
        AuthSessionFactory.create(user=user, pk=UUID(int=number))
    with transaction.atomic():
        AuthSession.objects.select_for_update(no_key=True).get(pk=UUID(int=1))
        ended = until_it_waits(lambda: services.end_every_session(user))
        assert len(free(AuthSession.objects.filter(user=user).exclude(pk=UUID(int=1)))) == 2
    ended.result()
    assert not AuthSession.objects.visible_to(user).standing().exists()


@pytest.mark.parametrize(
    ("profiles", "change"),
    [
        (FreelancerProfile.objects, {"freelancer": {"headline": "Cartographer"}}),
        (ClientProfile.objects, {"client": {"about": "Maps"}}),
    ],
)
def test_a_rating_that_comes_while_the_profile_is_changed_stays(profiles: Any, change: dict[str, Any]) -> None:
    user = UserFactory.create()
    with transaction.atomic():
        profiles.filter(user=user).update(rating_average=5, rating_count=1)
        changed = until_it_waits(lambda: services.update_person(user, **change))
    changed.result()
    assert profiles.get(user=user).rating_count == 1
