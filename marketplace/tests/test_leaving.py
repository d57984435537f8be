"""Closing and deleting an account that has work, money, chats and proposals."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import services
from accounts.errors import NotSignedIn
from accounts.models import AuditEvent, AuthSession, IdempotencyRecord, IdentityCheck, Passkey, Upload, User
from accounts.tests.factories import (
    PASSWORD,
    AuthSessionFactory,
    ClientFactory,
    FreelancerFactory,
    UploadFactory,
    UserFactory,
)
from chat.tests.factories import MessageFactory, RoomFactory
from contracts.services import accept_proposal
from contracts.tests.factories import make_contract
from core.errors import Conflict, Forbidden, Invalid
from core.money import Money
from gigs.rules import GigStatus
from gigs.tests.factories import accepted_gig, make_gig
from notifications.tests.factories import NotificationFactory
from payments.tests.factories import add_credit
from payments.tests.fakes import FakeProvider
from projects.models import Project
from projects.rules import ProjectStatus, ProposalStatus
from projects.tests.factories import ProjectFactory, ProposalFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


def sign_in(*, email: str, password: str, reactivate: bool = False) -> dict[str, str]:
    return services.open_api(services.begin_sign_in(email=email, password=password, come_back=reactivate).user)


@pytest.fixture
def user() -> User:
    return FreelancerFactory.create(user_type="both", placed=True, email="ada@example.com", first_name="Ada")


def session(user: User) -> AuthSession:
    return AuthSessionFactory.create(user=user)


def close(user: User) -> None:
    services.deactivate(user, session=session(user))


def erase(user: User) -> None:
    services.erase_account(user, typed_email=" Ada@example.com", session=session(user))


@pytest.fixture(params=[close, erase])
def leave(request: pytest.FixtureRequest) -> Callable[[User], None]:
    return request.param


def test_closing_hides_the_person_and_ends_all_sign_ins(user: User, run_jobs: Callable[[], list[str]]) -> None:
    sign_in(email=user.email, password=PASSWORD)
    close(user)
    assert not User.objects.visible().filter(pk=user.pk).exists()
    assert not AuthSession.objects.filter(user=user).standing().exists()
    assert run_jobs() == ["accounts.send_account_deactivated"]
    assert mail.outbox[0].to == ["ada@example.com"]


def test_a_closed_account_opens_by_its_password_and_a_word(user: User) -> None:
    close(user)
    with pytest.raises(Forbidden) as refusal:
        sign_in(email=user.email, password=PASSWORD)
    assert refusal.value.code == "account_deactivated"
    with pytest.raises(NotSignedIn):
        sign_in(email=user.email, password="wrong", reactivate=True)
    assert sign_in(email=user.email, password=PASSWORD, reactivate=True)["access_token"]
    user.refresh_from_db()
    assert user.is_active
    assert user.deactivated_at is None


def test_who_forgot_the_password_of_a_closed_account_comes_back_too(
    user: User, run_jobs: Callable[[], list[str]]
) -> None:
    close(user)
    services.forgot_password(email=user.email)
    run_jobs()
    token = mail.outbox[-1].body.split("token=")[1].split()[0]
    services.reset_password(token=token, new_password="a phrase nobody has used")
    assert sign_in(email=user.email, password="a phrase nobody has used", reactivate=True)


def test_an_account_that_staff_closed_does_not_open_by_itself(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    with pytest.raises(NotSignedIn):
        sign_in(email=user.email, password=PASSWORD, reactivate=True)


def test_both_need_a_fresh_proof(user: User) -> None:
    stale = AuthSessionFactory.create(user=user, confirmed_at=timezone.now() - timedelta(minutes=16))
    foreign = session(UserFactory.create())
    for shown in (stale, foreign, None):
        for leave in (
            lambda: services.deactivate(user, session=shown),  # noqa: B023 - called at once
            lambda: services.erase_account(user, typed_email=user.email, session=shown),  # noqa: B023
        ):
            with pytest.raises(Forbidden) as refusal:
                leave()
            assert refusal.value.code == "reauthentication_required"


def test_what_waits_for_an_answer_is_taken_back(user: User, leave: Callable[[User], None]) -> None:
    project, proposal, gig = ProjectFactory.create(client=user), ProposalFactory.create(freelancer=user), None
    received = ProposalFactory.create(project=project)
    Project.objects.filter(pk=proposal.project_id).update(proposal_count=1)
    gig = make_gig(seeker=user)
    leave(user)
    for row in (project, proposal, received, gig, proposal.project):
        row.refresh_from_db()
    assert project.status == ProjectStatus.CANCELLED
    assert received.status == ProposalStatus.REJECTED
    assert proposal.status == ProposalStatus.WITHDRAWN
    assert proposal.project.proposal_count == 0
    assert gig.status == GigStatus.CANCELLED


def test_nobody_leaves_a_running_contract(leave: Callable[[User], None]) -> None:
    contract = make_contract()
    for person in (contract.client, contract.freelancer):
        User.objects.filter(pk=person.pk).update(email=f"{person.pk}@example.com")
        person.refresh_from_db()
        with pytest.raises(Conflict) as refusal:
            services.deactivate(person, session=session(person))
        assert refusal.value.code == "account_held_open"
        with pytest.raises(Conflict):
            services.erase_account(person, typed_email=person.email, session=session(person))
        person.refresh_from_db()
        assert person.is_active


def test_nobody_leaves_an_agreed_gig(user: User, leave: Callable[[User], None]) -> None:
    accepted_gig(seeker=user)
    with pytest.raises(Conflict) as refusal:
        leave(user)
    assert refusal.value.code == "account_held_open"


def test_money_in_the_wallet_lets_one_close_but_not_delete(user: User, provider: FakeProvider) -> None:
    add_credit(user, Money(10_00, "USD"), provider)
    with pytest.raises(Conflict) as refusal:
        erase(user)
    assert "10.00" in refusal.value.message
    close(user)


def test_a_refused_deletion_changes_nothing(user: User, provider: FakeProvider) -> None:
    add_credit(user, Money(10_00, "USD"), provider)
    project = ProjectFactory.create(client=user)
    with pytest.raises(Conflict):
        erase(user)
    project.refresh_from_db()
    assert project.status == ProjectStatus.OPEN


def test_deleting_asks_for_the_address(user: User) -> None:
    with pytest.raises(Invalid) as refusal:
        services.erase_account(user, typed_email="delete", session=session(user))
    assert list(refusal.value.fields) == ["typed_email"]


def test_staff_gives_back_the_rights_first() -> None:
    staff = UserFactory.create(email="ada@example.com", staff=True)
    with pytest.raises(Conflict):
        erase(staff)


def test_nothing_personal_is_left(user: User) -> None:
    sign_in(email=user.email, password=PASSWORD)
    Passkey.objects.create(user=user, name="Phone", credential_id=b"1", public_key=b"2")
    TOTPDevice.objects.create(user=user, name="App")
    IdempotencyRecord.objects.create(scope=f"user:{user.pk}", key="k", fingerprint="f", body="Ada")
    check = IdentityCheck.objects.create(user=user, document="passport")
    check.files.add(UploadFactory.create(owner=user, kind="identity"))
    NotificationFactory.create(user=user)
    rejected = ProposalFactory.create(freelancer=user, status=ProposalStatus.REJECTED, cover_letter="I am Ada.")
    gig = make_gig(seeker=user, address="Vrijdagmarkt 14")
    erase(user)
    user.refresh_from_db()
    assert (user.get_full_name(), user.email, user.location, user.avatar.name) == (
        "Former member",
        f"{user.pk}@erased.invalid",
        None,
        "",
    )
    profile = user.freelancer_profile
    assert (profile.headline, profile.bio, profile.hourly_rate) == ("", "", None)
    for rows in (user.auth_sessions, user.passkeys, user.identity_checks, user.uploads, user.notifications):
        assert not rows.exists()
    assert not TOTPDevice.objects.filter(user=user).exists()
    assert not IdempotencyRecord.objects.exists()
    rejected.refresh_from_db()
    gig.refresh_from_db()
    assert rejected.cover_letter == gig.address == ""
    assert gig.location == gig.public_location
    log = "".join(f"{event.data}" for event in AuditEvent.objects.all())
    assert "ada" not in log.lower()


def test_files_go_after_the_commit_unless_others_received_them(user: User, run_jobs: Callable[[], list[str]]) -> None:
    alone, sent = UploadFactory.create(owner=user), UploadFactory.create(owner=user)
    room = RoomFactory.create(members=[user, UserFactory.create()])
    message = MessageFactory.create(room=room, sender=user, content="Here it is", has_attachments=True)
    message.attachments.add(sent)
    erase(user)
    assert default_storage.exists(alone.file.name)
    run_jobs()
    assert not default_storage.exists(alone.file.name)
    assert default_storage.exists(sent.file.name)
    assert list(Upload.objects.filter(owner=user)) == [sent]
    message.refresh_from_db()
    assert message.content == "Here it is"
    assert message.sender.get_full_name() == "Former member"


def test_nobody_signs_in_to_a_deleted_account_and_its_address_is_free(user: User) -> None:
    erase(user)
    with pytest.raises(NotSignedIn):
        sign_in(email="ada@example.com", password=PASSWORD, reactivate=True)
    newcomer = services.register(email="ada@example.com", password="a quite long phrase", first_name="Ada")
    assert newcomer.pk != user.pk


def test_leaving_twice_is_leaving_once(user: User, leave: Callable[[User], None]) -> None:
    kept = AuthSessionFactory.build(user=user)
    leave(user)
    if leave is close:
        services.deactivate(user, session=kept)
    else:
        services.erase_account(user, typed_email=user.email, session=kept)
    assert AuditEvent.objects.filter(action__in=["person.deactivated", "person.erased"]).count() == 1


def test_a_client_cannot_hire_somebody_who_left(leave: Callable[[User], None], user: User) -> None:
    proposal = ProposalFactory.create(freelancer=user, project=ProjectFactory.create(client=ClientFactory.create()))
    leave(user)
    with pytest.raises(Conflict):
        accept_proposal(proposal.project.client, proposal_id=proposal.pk)


def test_what_holds_an_account_open_is_shown_with_the_way_there(pages_as: Callable[[User], Client]) -> None:
    contract = make_contract()
    page = pages_as(contract.client).get("/settings/close/").content.decode()
    assert "1 of your contracts is running." in page
    assert "Close my account" not in page
