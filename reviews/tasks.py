"""Jobs of reviews."""

from procrastinate.contrib.django import app

from reviews import services


@app.periodic(cron="7 * * * *")
@app.task(name="reviews.publish_due", queueing_lock="reviews.publish_due")
def publish_due(timestamp: int = 0) -> None:
    services.publish_due()
