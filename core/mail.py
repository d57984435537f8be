"""Development's mailbox: one `.eml` file a message, named so that the newest sorts last."""

import itertools
import re
import time
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

_counter = itertools.count()


class EmlFileBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.EMAIL_FILE_PATH)  # type: ignore[misc]  # only where mail is written to files
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            stamp = f"{time.strftime('%Y%m%dT%H%M%S')}-{time.time_ns() % 10**9:09d}-{next(_counter)}"
            recipient = re.sub(r"[^\w.@-]", "_", message.to[0] if message.to else "nobody")
            (folder / f"{stamp}-{recipient}.eml").write_bytes(message.message().as_bytes())
        return len(email_messages)
