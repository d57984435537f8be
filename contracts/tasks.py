"""Jobs of contracts."""

from procrastinate.contrib.django import app

from contracts import services


@app.periodic(cron="*/5 * * * *")
@app.task(name="contracts.release_overdue", queueing_lock="contracts.release_overdue")
def release_overdue(timestamp: int = 0) -> None:
    services.release_overdue()
