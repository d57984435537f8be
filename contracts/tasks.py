"""Jobs of contracts."""

from procrastinate.contrib.django import app

from contracts import services


@app.periodic(cron="*/5 * * * *")
@app.task(name="contracts.release_overdue", queueing_lock="contracts.release_overdue")
def release_overdue(timestamp: int = 0) -> None:
    services.release_overdue()


@app.periodic(cron="1-59/5 * * * *")
@app.task(name="contracts.refund_unanswered", queueing_lock="contracts.refund_unanswered")
def refund_unanswered(timestamp: int = 0) -> None:
    services.refund_unanswered()


@app.periodic(cron="2-59/5 * * * *")
@app.task(name="contracts.send_reminders", queueing_lock="contracts.send_reminders")
def send_reminders(timestamp: int = 0) -> None:
    services.send_reminders()


@app.periodic(cron="3-59/15 * * * *")
@app.task(name="contracts.watch_holds", queueing_lock="contracts.watch_holds")
def watch_holds(timestamp: int = 0) -> None:
    services.watch_holds()
