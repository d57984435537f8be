"""Jobs of payments. Each can run again at any time."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from payments import services

ASK_AGAIN = RetryStrategy(max_attempts=8, exponential_wait=3)


@app.task(name="payments.refresh_payment", retry=ASK_AGAIN)
def refresh_payment(payment_id: int) -> None:
    services.refresh_payment(payment_id)


@app.task(name="payments.cancel_payment", retry=ASK_AGAIN)
def cancel_payment(payment_id: int) -> None:
    services.withdraw_payment(payment_id)


@app.task(name="payments.send_refund", retry=ASK_AGAIN)
def send_refund(refund_id: int) -> None:
    services.send_refund(refund_id)
