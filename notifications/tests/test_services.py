from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.core import mail
from django.db import transaction

from accounts.tests.factories import UserFactory
from core import realtime
from core.errors import NotFound
from core.letters import pack, unpack
from core.money import Money
from notifications import services
from notifications.models import Notification
from notifications.tests.factories import NotificationFactory

pytestmark = pytest.mark.django_db


def test_news_is_kept_pushed_and_mailed(run_jobs: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    pushed: list[realtime.Message] = []
    monkeypatch.setattr(realtime, "publish_each", pushed.extend)
    user = UserFactory.create()
    services.notify(
        user,
        kind="account_verified",
        title="Welcome",
        message="All is open to you.",
        url="/dashboard/",
        data={"n": 1},
        email="accounts/emails/welcome_email",
        context={"start": "/dashboard/"},
    )
    kept = Notification.objects.get()
    assert (kept.title, kept.message, kept.url, kept.data) == (
        "Welcome",
        "All is open to you.",
        "/dashboard/",
        {"n": 1},
    )
    [(groups, event)] = pushed
    assert groups == [realtime.user_group(user.pk)]
    assert (event["type"], event["kind"], event["title"]) == ("notification", "account_verified", "Welcome")
    assert run_jobs() == ["notifications.send_email"]
    assert mail.outbox[0].to == [user.email]


def test_several_are_told_at_once_and_mailed_where_wanted(run_jobs: Callable[[], list[str]]) -> None:
    mailed, told = UserFactory.create(), UserFactory.create()
    first, second = services.notify_each(
        services.News(
            mailed, "account_verified", "Welcome", email="accounts/emails/welcome_email", context={"start": "/"}
        ),
        services.News(told, "account_verified", "Somebody came"),
    )
    assert (first.user, first.title, second.user, second.title) == (mailed, "Welcome", told, "Somebody came")
    assert run_jobs() == ["notifications.send_email"]
    assert [letter.to for letter in mail.outbox] == [[mailed.email]]


def test_long_titles_and_messages_are_cut() -> None:
    kept = services.notify(UserFactory.create(), kind="x", title="t" * 300, message="m" * 900)
    assert (len(kept.title), len(kept.message)) == (160, 400)


def test_nothing_is_left_of_news_that_did_not_happen(run_jobs: Callable[[], list[str]]) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        services.notify(UserFactory.create(), kind="x", title="t", email="accounts/emails/welcome_email")
        raise RuntimeError
    assert not Notification.objects.exists()
    assert run_jobs() == []


def test_nobody_writes_to_a_closed_account(run_jobs: Callable[[], list[str]]) -> None:
    services.queue_email(UserFactory.create(is_active=False), template="accounts/emails/welcome_email")
    run_jobs()
    assert not mail.outbox


def test_amounts_and_times_reach_the_letter_as_they_are() -> None:
    context = {"net": Money(5_400, "EUR"), "due": datetime(2026, 11, 21, 9, tzinfo=UTC), "title": "Boats", "n": 3}
    assert unpack(pack(context)) == context


def test_reading_and_unreading_only_ones_own() -> None:
    mine, other = NotificationFactory.create(), NotificationFactory.create()
    assert services.mark_read(mine.user, notification_id=mine.pk).read_at
    first = Notification.objects.get(pk=mine.pk).read_at
    assert services.mark_read(mine.user, notification_id=mine.pk).read_at == first
    assert services.mark_unread(mine.user, notification_id=mine.pk).read_at is None
    with pytest.raises(NotFound):
        services.mark_read(mine.user, notification_id=other.pk)
    assert services.mark_all_read(mine.user) == 1
    other.refresh_from_db()
    assert other.read_at is None
