from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from accounts import services
from accounts.models import AuditEvent, EmailChange, User
from accounts.signing import sign_address_change
from accounts.tests.factories import PASSWORD, UserFactory
from core.errors import Conflict, Invalid

pytestmark = pytest.mark.django_db
NEW = "new@example.com"


@pytest.fixture
def user() -> User:
    return UserFactory.create(email="old@example.com")


def ask(user: User, address: str = NEW) -> EmailChange:
    return services.request_email_change(user, new_email=address, password=PASSWORD)


def open_link(change: EmailChange, side: str) -> EmailChange:
    return services.confirm_email_change(token=sign_address_change(change.pk, side))


def address_of(user: User) -> str:
    user.refresh_from_db()
    return user.email


@pytest.mark.parametrize("order", [("old", "new"), ("new", "old")])
def test_it_changes_once_both_mailboxes_agreed_in_any_order(
    user: User, order: tuple[str, str], run_jobs: Callable[[], list[str]]
) -> None:
    change = ask(user, " New@Example.com ")
    first, second = order
    for _ in range(2):
        assert open_link(change, first).completed_at is None
    assert address_of(user) == "old@example.com"
    for _ in range(2):
        assert open_link(change, second).completed_at
    assert open_link(change, first).completed_at
    assert address_of(user) == NEW
    run_jobs()
    assert mail.outbox[-1].to == ["old@example.com"]
    assert NEW in mail.outbox[-1].body


def test_each_mailbox_gets_its_own_link(user: User, run_jobs: Callable[[], list[str]]) -> None:
    ask(user)
    run_jobs()
    letters = {letter.to[0]: letter.body.split("/change-email/?token=")[1].split()[0] for letter in mail.outbox}
    assert letters.keys() == {"old@example.com", NEW}
    for token in letters.values():
        services.confirm_email_change(token=token)
    assert address_of(user) == NEW


def test_a_second_request_replaces_the_first(user: User) -> None:
    first, second = ask(user), ask(user, "other@example.com")
    with pytest.raises(Invalid):
        open_link(first, "new")
    open_link(second, "new")
    open_link(second, "old")
    assert address_of(user) == "other@example.com"


def test_links_end_after_three_days(user: User) -> None:
    change = ask(user)
    with time_machine.travel(timezone.now() - timedelta(days=3, minutes=1)):
        token = sign_address_change(change.pk, "new")
    with pytest.raises(Invalid):
        services.confirm_email_change(token=token)


def test_an_address_that_was_never_proven_need_not_agree(run_jobs: Callable[[], list[str]]) -> None:
    user = UserFactory.create(unverified=True)
    change = ask(user)
    run_jobs()
    assert [letter.to for letter in mail.outbox] == [[NEW]]
    assert open_link(change, "new").completed_at
    user.refresh_from_db()
    assert user.email == NEW
    assert user.has_verified_email
    assert run_jobs() == ["accounts.send_welcome"]


def test_an_address_taken_in_the_meantime_stays_with_its_new_owner(user: User) -> None:
    change = ask(user)
    open_link(change, "new")
    UserFactory.create(email=NEW)
    with pytest.raises(Conflict) as refusal:
        open_link(change, "old")
    assert refusal.value.code == "email_taken"
    assert address_of(user) == "old@example.com"


def test_nothing_is_sent_to_an_address_that_has_an_account(user: User, run_jobs: Callable[[], list[str]]) -> None:
    other = UserFactory.create()
    ask(user, other.email)
    run_jobs()
    assert [letter.to for letter in mail.outbox] == [["old@example.com"]]


@pytest.mark.parametrize(
    ("given", "field"), [({"password": "wrong"}, "password"), ({"new_email": "OLD@example.com"}, "new_email")]
)
def test_asking_needs_the_password_and_another_address(user: User, given: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        services.request_email_change(user, **({"new_email": NEW, "password": PASSWORD} | given))
    assert list(refusal.value.fields) == [field]


def test_a_token_for_one_side_is_none_for_the_other_purpose(user: User) -> None:
    token = sign_address_change(ask(user).pk, "new")
    with pytest.raises(Invalid):
        services.verify_email(token=token)


def test_the_log_holds_no_address(user: User) -> None:
    change = ask(user)
    open_link(change, "old")
    open_link(change, "new")
    assert "@" not in "".join(str(event.data) for event in AuditEvent.objects.all())
