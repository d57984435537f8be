"""Jobs of payments. Each can run again at any time."""

import structlog
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from core import jobs
from payments import providers, services
from payments.models import Chargeback
from payments.rules import ProviderName

logger = structlog.get_logger(__name__)

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


@app.task(name="payments.follow_dispute", retry=ASK_AGAIN)
def follow_dispute(refund_id: int) -> None:
    services.follow_dispute(refund_id)


@app.task(name="payments.send_payout", retry=ASK_AGAIN)
def send_payout(payout_id: int) -> None:
    services.send_payout(payout_id)


@app.task(name="payments.refresh_payout", retry=ASK_AGAIN)
def refresh_payout(payout_id: int) -> None:
    services.refresh_payout(payout_id)


@app.task(name="payments.return_transfer", retry=ASK_AGAIN)
def return_transfer(payout_id: int) -> None:
    services.return_transfer(payout_id)


@app.task(name="payments.refresh_chargeback", retry=ASK_AGAIN)
def refresh_chargeback(chargeback_id: int) -> None:
    chargeback = Chargeback.objects.select_related("payment").get(pk=chargeback_id)
    if not chargeback.is_reversal:
        services.refresh_chargeback(chargeback.dispute_id, provider=chargeback.payment.provider)


@app.task(name="payments.send_evidence", retry=ASK_AGAIN)
def send_evidence(chargeback_id: int) -> None:
    services.send_evidence(chargeback_id)


@app.task(name="payments.send_acceptance", retry=ASK_AGAIN)
def send_acceptance(chargeback_id: int) -> None:
    services.send_acceptance(chargeback_id)


@app.task(name="payments.process_event", retry=ASK_AGAIN)
def process_event(event_id: int) -> None:
    services.process_event(event_id)


@app.task(name="payments.refresh_subscription", retry=ASK_AGAIN)
def refresh_subscription(subscription_id: int) -> None:
    services.refresh_subscription(subscription_id)


@app.task(name="payments.end_paid_back", retry=ASK_AGAIN)
def end_paid_back(subscription_id: int) -> None:
    services.end_paid_back(subscription_id)


@app.task(name="payments.refresh_invoice", retry=ASK_AGAIN)
def refresh_invoice(payment_id: int) -> None:
    services.refresh_invoice(payment_id)


@app.periodic(cron="15 * * * *")
@app.task(name="payments.follow_overdue", queueing_lock="payments.follow_overdue")
def follow_overdue(timestamp: int) -> None:
    services.follow_overdue()


@app.periodic(cron="*/5 * * * *")
@app.task(name="payments.recover", queueing_lock="payments.recover")
def recover(timestamp: int) -> None:
    services.recover()


@app.periodic(cron="* * * * *")
@app.task(name="payments.retry_stalled_jobs", queueing_lock="payments.retry_stalled_jobs", pass_context=True)
async def retry_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Jobs of any app whose worker was killed: nobody else would ever take them up again.

    One of which the next waits in the queue already ends instead: that does its work, and is kept out by its lock until then.
    """
    jobs = context.app.job_manager
    for job in await jobs.get_stalled_jobs():
        logger.warning("job_stalled", job_id=job.id, task=job.task_name)
        try:
            await jobs.retry_job(job)
        except UniqueViolation:
            await jobs.finish_job(job, Status.FAILED, delete_job=False)


@app.periodic(cron="*/10 * * * *")
@app.task(name="payments.check_ledger", queueing_lock="payments.check_ledger")
def check_ledger(timestamp: int) -> None:
    services.check_ledger()


@app.periodic(cron="5-55/10 * * * *")
@app.task(name="payments.watch_checks", queueing_lock="payments.watch_checks")
def watch_checks(timestamp: int) -> None:
    services.watch_checks()


@app.periodic(cron="17 * * * *")
@app.task(name="payments.reconcile", queueing_lock="payments.reconcile")
def reconcile(timestamp: int) -> None:
    for provider in providers.offered():
        jobs.enqueue("payments.reconcile_with", once=f"reconcile-{provider}", provider=provider)


@app.task(name="payments.reconcile_with", retry=ASK_AGAIN)
def reconcile_with(provider: str) -> None:
    services.reconcile(provider=ProviderName(provider))
