from collections.abc import Callable

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob


@pytest.fixture
def letters_queued() -> Callable[[], list[tuple[str, int]]]:
    """(template, person's id) of each e-mail that waits in the queue, oldest first."""

    def read() -> list[tuple[str, int]]:
        jobs = ProcrastinateJob.objects.filter(task_name="notifications.send_email").order_by("id")
        return [(job.args["template"], job.args["user_id"]) for job in jobs]

    return read
