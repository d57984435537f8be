"""Jobs of contracts."""

from procrastinate.contrib.django import app

from contracts import services
from contracts.services import disputes


@app.periodic(cron="*/5 * * * *")
@app.task(name="contracts.release_overdue", lock="contracts.release_overdue", queueing_lock="contracts.release_overdue")
def release_overdue(timestamp: int = 0) -> None:
    services.release_overdue()


@app.periodic(cron="*/5 * * * *")
@app.task(name="contracts.help_to_release", lock="contracts.help_to_release", queueing_lock="contracts.help_to_release")
def help_to_release(timestamp: int = 0) -> None:
    """The same beside it: two share what is due, so that one works while the other waits for the database."""
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
    services.watch_contested_weeks()


@app.periodic(cron="* * * * *")
@app.task(name="contracts.stop_timers", queueing_lock="contracts.stop_timers")
def stop_timers(timestamp: int = 0) -> None:
    services.stop_overdue_timers()


@app.periodic(cron="*/5 * * * *")
@app.task(name="contracts.turn_weeks", queueing_lock="contracts.turn_weeks")
def turn_weeks(timestamp: int = 0) -> None:
    """Weeks are opened and asked for ahead, sent on Monday at noon, and paid out when the time to review them has passed."""
    services.open_due_weeks()
    services.ask_for_weeks()
    services.send_due_weeks()
    services.bill_due_weeks()


@app.periodic(cron="*/5 * * * *")
@app.task(name="contracts.meet_dispute_deadlines", queueing_lock="contracts.meet_dispute_deadlines")
def meet_dispute_deadlines(timestamp: int = 0) -> None:
    disputes.meet_deadlines()
    disputes.warn_of_deadlines()
