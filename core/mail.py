"""How mail that did not go out is tried again, and development's mailbox."""

import itertools
import re
import smtplib
import time
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from procrastinate import RetryDecision, RetryStrategy
from procrastinate.jobs import Job

# What Amazon says of a message or an address that it will never take. A sender that is not verified yet, a paused
# account and a quota are ours to put right, and worth another try.
REFUSED_FOR_GOOD = frozenset({"MessageRejected", "InvalidParameterValue"})
OURS = ("not verified", "authority", "quota")

_counter = itertools.count()


def is_permanent(error: BaseException) -> bool:
    """Whether sending the same once more is pointless, and would only count against us."""
    answer = getattr(error, "response", None)
    if isinstance(answer, dict):  # botocore's; importing it only to name its class would cost every process its memory
        said = answer.get("Error", {})
        return said.get("Code") in REFUSED_FOR_GOOD and not any(word in said.get("Message", "") for word in OURS)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500


class MailRetry(RetryStrategy):
    """Of jobs that send mail: again after 3, 9, 27 … seconds, for about two hours, unless it was refused for good."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        return None if is_permanent(exception) else super().get_retry_decision(exception=exception, job=job)


MAIL_RETRY = MailRetry(max_attempts=8, exponential_wait=3)


class EmlFileBackend(BaseEmailBackend):
    """One `.eml` file a message, named so that the newest sorts last."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.EMAIL_FILE_PATH)  # type: ignore[misc]  # only where mail is written to files
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            stamp = f"{time.strftime('%Y%m%dT%H%M%S')}-{time.time_ns() % 10**9:09d}-{next(_counter)}"
            recipient = re.sub(r"[^\w.@-]", "_", message.to[0] if message.to else "nobody")
            (folder / f"{stamp}-{recipient}.eml").write_bytes(message.message().as_bytes())
        return len(email_messages)
