from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.middleware import PersonalSettingsMiddleware
from accounts.models import AuditEvent, User
from accounts.services import audit
from accounts.tests.factories import UserFactory
from core.caller import Caller, current_caller

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("zone", "path", "hour"),
    [("Asia/Tokyo", "/dashboard/", 18), ("Mars/Olympus", "/dashboard/", 9), ("Asia/Tokyo", "/api/projects", 9)],
)
def test_pages_are_on_the_readers_clock(zone: str, path: str, hour: int) -> None:
    request = RequestFactory().get(path)
    request.user = UserFactory.create(time_zone=zone)
    seen: list[int] = []
    nine = datetime(2026, 11, 21, 9, tzinfo=UTC)
    PersonalSettingsMiddleware(lambda _request: seen.append(timezone.localtime(nine).hour))(request)  # type: ignore[arg-type,return-value,func-returns-value]
    assert seen == [hour]


def test_the_audit_log_knows_where_it_came_from_and_cannot_be_changed(pages_as: Callable[[User], Client]) -> None:
    user = UserFactory.create()
    pages_as(user).post("/settings/photo/", {"remove": "yes"}, headers={"X-Request-ID": "abcdef123456"})
    event = AuditEvent.objects.get(action="person.removed_picture")
    assert (event.ip_address, event.request_id, event.actor) == ("127.0.0.1", "abcdef123456", user)
    assert (event.subject_type, event.subject_id) == ("accounts.user", str(user.pk))
    with pytest.raises(Exception, match="append-only"):
        AuditEvent.objects.update(action="nothing")


def test_the_system_has_no_address() -> None:
    token = current_caller.set(Caller())
    try:
        event = audit.record(None, "thing.happened", reason="time")
    finally:
        current_caller.reset(token)
    assert (event.actor, event.ip_address, event.data) == (None, None, {"reason": "time"})


@pytest.mark.parametrize(
    ("form", "back"),
    [
        ("http://testserver/contracts/", "http%3A//testserver/contracts/"),
        ("http://elsewhere.example/", "/dashboard/"),
        ("", "/dashboard/"),
    ],
)
def test_who_is_signed_out_while_writing_comes_back_to_the_form_and_is_told(form: str, back: str) -> None:
    browser = Client()
    answer = browser.post("/contracts/milestones/1/approve/", headers={"Referer": form})
    assert answer["Location"] == f"/sign-in/?next={back}"
    assert "nothing was sent" in browser.get(answer["Location"]).content.decode()
