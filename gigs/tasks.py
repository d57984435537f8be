"""Jobs of gigs."""

from procrastinate.contrib.django import app

from gigs import services


@app.periodic(cron="*/10 * * * *")
@app.task(name="gigs.release_overdue", queueing_lock="gigs.release_overdue")
def release_overdue(timestamp: int = 0) -> None:
    services.release_overdue()


@app.periodic(cron="3-59/15 * * * *")
@app.task(name="gigs.watch", queueing_lock="gigs.watch")
def watch(timestamp: int = 0) -> None:
    services.send_reminders()
    services.settle_no_shows()
    services.watch_holds()
