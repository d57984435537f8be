from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core import mail
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import services
from accounts.models import ApiKey, Appeal, AuditEvent, AuthSession, FreelancerProfile, User
from accounts.policies import why_not_act
from accounts.tests.factories import PASSWORD, FreelancerFactory, UserFactory, staff_of
from core.errors import Conflict, Forbidden, Invalid

pytestmark = pytest.mark.django_db
GROUNDS = {"rule": "abuse", "evidence": "messages", "reason": "Threats in a conversation on 3 May."}


@pytest.fixture
def moderator() -> User:
    return staff_of("moderator")


@pytest.fixture
def user() -> User:
    return FreelancerFactory.create()


@pytest.fixture
def suspended(user: User, moderator: User) -> User:
    services.suspend(moderator, user_id=user.pk, **GROUNDS)
    user.refresh_from_db()
    return user


def appeal_of(user: User) -> Appeal:
    return services.appeal(user, text="That was somebody else.")


def test_all_sign_ins_and_keys_end_at_once(user: User, moderator: User, api: APIClient) -> None:
    tokens = services.open_api(services.begin_sign_in(email=user.email, password=PASSWORD).user)
    ApiKey.objects.create(user=user, name="Mine", prefix="abc", digest="x")
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens['access_token']}")
    assert api.get("/api/auth/me").status_code == 200
    services.suspend(moderator, user_id=user.pk, **GROUNDS)
    assert api.get("/api/auth/me").status_code == 401
    assert AuthSession.objects.get(user=user).revoked_reason == "suspended"
    assert ApiKey.objects.get(user=user).revoked_at


def test_the_person_may_sign_in_again_and_reads_but_does_not_act(suspended: User, api: APIClient) -> None:
    tokens = services.open_api(services.begin_sign_in(email=suspended.email, password=PASSWORD).user)
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens['access_token']}")
    for path in ("/api/wallet", "/api/contracts", "/api/account/standing", "/api/account/exports", "/api/chats"):
        assert api.get(path).status_code == 200
    answer = api.post("/api/chats", {"participant_id": UserFactory.create().pk})
    assert (answer.status_code, answer.json()["error_type"]) == (403, "account_suspended")


def test_the_letter_says_rule_evidence_reason_and_until_when(
    suspended: User, run_jobs: Callable[[], list[str]]
) -> None:
    run_jobs()
    [letter] = mail.outbox
    for part in ("Abuse, threats or discrimination", "Messages on the site", GROUNDS["reason"], "/settings/standing/"):
        assert part in letter.body


def test_suspended_people_are_in_no_directory(suspended: User, api: APIClient) -> None:
    assert not User.objects.visible().filter(pk=suspended.pk).exists()
    assert not FreelancerProfile.objects.listed().filter(pk=suspended.pk).exists()
    assert api.get(f"/api/users/{suspended.pk}").status_code == 404


def test_one_suspension_stands_at_a_time(suspended: User, moderator: User) -> None:
    with pytest.raises(Conflict) as refusal:
        services.suspend(moderator, user_id=suspended.pk, **GROUNDS)
    assert refusal.value.code == "already_suspended"


@pytest.mark.parametrize("group", ["support", "finance", "analyst", ""])
def test_others_do_not_suspend(user: User, group: str) -> None:
    actor = staff_of(group) if group else UserFactory.create()
    with pytest.raises(Forbidden) as refusal:
        services.suspend(actor, user_id=user.pk, **GROUNDS)
    assert refusal.value.code == "not_permitted"


@pytest.mark.parametrize("group", ["moderator", "administrator"])
def test_nobody_suspends_themselves_or_the_owner_of_the_site(group: str) -> None:
    actor, owner = staff_of(group), UserFactory.create(staff=True)
    for person, code in ((actor, "own_account"), (owner, "superuser")):
        with pytest.raises(Forbidden) as refusal:
            services.suspend(actor, user_id=person.pk, **GROUNDS)
        assert refusal.value.code == code
        assert not User.objects.get(pk=person.pk).is_suspended


@pytest.mark.parametrize("rank", ["support", "moderator", "finance", "analyst", "administrator"])
def test_staff_is_suspended_by_administrators_alone_and_works_here_no_more(rank: str) -> None:
    for group, code in (("moderator", "staff_account"), ("support", "not_permitted")):
        member = staff_of(rank)
        with pytest.raises(Forbidden) as refusal:
            services.suspend(staff_of(group), user_id=member.pk, **GROUNDS)
        assert refusal.value.code == code
        assert not User.objects.get(pk=member.pk).is_suspended
    administrator, colleague = staff_of("administrator"), staff_of("moderator")
    services.suspend(administrator, user_id=member.pk, **GROUNDS)
    services.lift_suspension(colleague, user_id=member.pk, reason="A mistake of ours.")
    member = User.objects.get(pk=member.pk)
    assert not (member.is_suspended or member.is_staff or member.groups.exists())
    event = AuditEvent.objects.get(action="staff.changed_groups")
    assert (event.actor, event.person, event.data) == (administrator, member, {"before": [rank], "after": []})


def test_lifting_opens_everything_again(suspended: User, moderator: User, run_jobs: Callable[[], list[str]]) -> None:
    run_jobs()
    services.lift_suspension(moderator, user_id=suspended.pk, reason="A mistake of ours.")
    suspended.refresh_from_db()
    assert why_not_act(suspended) is None
    assert run_jobs() == ["accounts.send_suspension_lifted"]
    with pytest.raises(Conflict):
        services.lift_suspension(moderator, user_id=suspended.pk, reason="Again")


def test_an_appeal_is_made_once_and_in_time(suspended: User) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=14, minutes=1)), pytest.raises(Conflict) as late:
        appeal_of(suspended)
    assert late.value.code == "appeal_too_late"
    with pytest.raises(Invalid):
        services.appeal(suspended, text="  ")
    appeal_of(suspended)
    with pytest.raises(Conflict) as twice:
        appeal_of(suspended)
    assert twice.value.code == "already_appealed"


def test_who_is_not_suspended_has_nothing_to_appeal(user: User) -> None:
    with pytest.raises(Conflict) as refusal:
        appeal_of(user)
    assert refusal.value.code == "not_suspended"


def test_whoever_imposed_it_does_not_decide_the_appeal(suspended: User, moderator: User) -> None:
    appeal = appeal_of(suspended)
    with pytest.raises(Forbidden) as refusal:
        services.decide_appeal(moderator, appeal_id=appeal.pk, uphold=False, answer="No.")
    assert refusal.value.code == "own_decision"
    with pytest.raises(Forbidden):
        services.decide_appeal(staff_of("support"), appeal_id=appeal.pk, uphold=True, answer="Yes.")


@pytest.mark.parametrize("uphold", [True, False])
def test_a_decision_lifts_it_or_leaves_it(suspended: User, uphold: bool, run_jobs: Callable[[], list[str]]) -> None:
    appeal, other = appeal_of(suspended), staff_of("moderator")
    run_jobs()
    services.decide_appeal(other, appeal_id=appeal.pk, uphold=uphold, answer="We looked at it again.")
    suspended.refresh_from_db()
    assert suspended.is_suspended is not uphold
    run_jobs()
    assert "We looked at it again." in mail.outbox[-1].body
    with pytest.raises(Conflict):
        services.decide_appeal(other, appeal_id=appeal.pk, uphold=True, answer="And again.")


def test_staff_who_left_decides_nothing(suspended: User) -> None:
    appeal, gone = appeal_of(suspended), staff_of("moderator")
    gone.is_staff = False
    gone.save()
    assert Group.objects.get(name="moderator") in gone.groups.all()
    with pytest.raises(Forbidden):
        services.decide_appeal(gone, appeal_id=appeal.pk, uphold=True, answer="Yes.")
