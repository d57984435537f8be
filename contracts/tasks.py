"""Jobs of contracts."""

from procrastinate.contrib.django import app

from contracts import services
from contracts.services import disputes


@app.periodic(cron="*/5 * * * *")
@app.task(name="contracts.release_overdue", queueing_lock="contracts.release_overdue")
def release_overdue(timestamp: int = 0) -> None:
    services.release_overdue()


@app.periodic(cron="*/5 * * * *")
@app.task(name="contracts.meet_dispute_deadlines", queueing_lock="contracts.meet_dispute_deadlines")
def meet_dispute_deadlines(timestamp: int = 0) -> None:
    disputes.meet_deadlines()
    disputes.warn_of_deadlines()
