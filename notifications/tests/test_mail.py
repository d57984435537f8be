"""Mail by Amazon SES, and which of its refusals are worth another try."""

import email
import smtplib
from collections.abc import Callable
from email import policy
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from accounts import tasks
from accounts.tests.factories import UserFactory
from core.letters import compose
from core.mail import MAIL_RETRY, is_permanent
from notifications import services
from tests.fixtures.amazon import KEYS, REGION

JOB: Any = SimpleNamespace(attempts=1)


def refusal(code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "SendRawEmail")


@pytest.mark.django_db
def test_a_letter_arrives_whole(sent_mail: Callable[[], list[Any]], run_jobs: Callable[[], list[str]]) -> None:
    user = UserFactory.create(first_name="Zoë")
    services.queue_email(user, template="accounts/emails/welcome_email", context={"start": "/dashboard/"})
    assert run_jobs() == ["notifications.send_email"]
    [sent] = sent_mail()
    letter = email.message_from_bytes(sent.raw_data.encode(), policy=policy.default)
    assert set(sent.destinations) == {user.email}
    assert letter["To"] == user.email
    assert "hello@guildhall.example" in letter["From"]
    assert letter["Subject"]
    assert letter["Message-ID"]
    parts = {part.get_content_type(): part.get_content() for part in letter.iter_parts()}
    assert set(parts) == {"text/plain", "text/html"}
    assert all("is confirmed" in words for words in parts.values())


@pytest.mark.django_db
def test_a_name_cannot_add_headers(sent_mail: Callable[[], list[Any]]) -> None:
    user = UserFactory.create(first_name="Zoe\r\nBcc: all@example.com")
    compose("accounts/emails/welcome_email", to=user, context={"start": "/"}).send()
    [sent] = sent_mail()
    assert email.message_from_string(sent.raw_data)["Bcc"] is None
    assert set(sent.destinations) == {user.email}


@pytest.mark.django_db
def test_a_sender_that_is_not_verified_yet_is_tried_again(amazon: str, sent_mail: Any) -> None:
    service = boto3.client("ses", endpoint_url=amazon, region_name=REGION, **KEYS)
    service.delete_identity(Identity="hello@guildhall.example")
    with pytest.raises(ClientError) as error:
        compose("accounts/emails/welcome_email", to=UserFactory.create(), context={"start": "/"}).send()
    assert error.value.response["Error"]["Code"] == "MessageRejected"
    assert not is_permanent(error.value)


@pytest.mark.parametrize(
    "error",
    [
        refusal("Throttling", "Maximum sending rate exceeded."),
        refusal("ServiceUnavailable"),
        refusal("AccountSendingPausedException"),
        refusal("MessageRejected", "Email address is not verified."),
        EndpointConnectionError(endpoint_url="https://email.eu-west-1.amazonaws.com"),
        smtplib.SMTPServerDisconnected("gone"),
        smtplib.SMTPRecipientsRefused({"a@example.com": (450, b"Busy")}),
        ConnectionResetError(),
    ],
)
def test_what_may_pass_is_tried_again(error: Exception) -> None:
    assert MAIL_RETRY.get_retry_decision(exception=error, job=JOB) is not None


@pytest.mark.parametrize(
    "error",
    [
        refusal("MessageRejected", "Address blacklisted."),
        refusal("InvalidParameterValue", "Domain contains illegal character"),
        smtplib.SMTPRecipientsRefused({"a@example.com": (550, b"No such user")}),
        smtplib.SMTPDataError(554, b"Refused"),
    ],
)
def test_what_is_refused_for_good_is_not(error: Exception) -> None:
    assert MAIL_RETRY.get_retry_decision(exception=error, job=JOB) is None


def test_the_tries_come_to_an_end() -> None:
    last: Any = SimpleNamespace(attempts=8)
    assert MAIL_RETRY.get_retry_decision(exception=refusal("Throttling"), job=last) is None


def test_every_job_that_sends_mail_tries_this_way() -> None:
    from notifications import tasks as telling

    sending = [task for name, task in vars(tasks).items() if name.startswith(("send_", "resend_"))]
    assert sending
    assert all(task.retry_strategy is MAIL_RETRY for task in [*sending, telling.send_email])
