"""Proving the books by the clock, and telling staff when they are wrong or nobody looks."""

from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import Max
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.services import audit
from core import jobs
from notifications.services import notify
from payments import providers
from payments.models import LedgerCheck, ReconciliationRun
from payments.rules import COMPANIES
from payments.selectors import Finding, figures, prove
from payments.selectors.health import STALE_AFTER

logger = structlog.get_logger(__name__)

ALL_KEPT_FOR = timedelta(days=7)
COMPARED_WITHIN = timedelta(hours=3)
TOLD_AGAIN_AFTER = timedelta(hours=6)
WATCHES_MONEY = "payments.view_ledgercheck"


def check_ledger() -> LedgerCheck:
    """Try every assertion about money, keep what was found, and raise the alarm when one fails."""
    started = timezone.now()
    findings = prove()
    broken = [finding for finding in findings if finding.offenders]
    for finding in broken:
        logger.error(
            "ledger_is_wrong", check=finding.check.name, offenders=finding.offenders, examples=finding.examples
        )
    run = LedgerCheck.objects.create(
        started_at=started,
        finished_at=timezone.now(),
        is_right=not broken,
        findings={"checks": [_as_json(finding) for finding in findings], **figures()},
    )
    if broken:
        names = ", ".join(finding.check.name for finding in broken)
        tell_money_staff("The books are wrong", f"These checks fail: {names}.", about="ledger")
    thin_out_checks()
    return run


def ask_for_check(actor: User) -> None:
    """Staff want to know now; a job does it."""
    audit.record(actor, "ledger.check_asked")
    jobs.enqueue("payments.check_ledger", once="payments.check_ledger", timestamp=int(timezone.now().timestamp()))


def watch_checks() -> bool:
    """Is the last proof recent? If not, staff are told: a proof that nobody runs proves nothing. So with the provider's word."""
    for provider in providers.offered():
        compared = ReconciliationRun.objects.filter(provider=provider).first()
        if compared and compared.started_at < timezone.now() - COMPARED_WITHIN:
            when = f"{compared.started_at:%Y-%m-%d %H:%M} UTC"
            tell_money_staff(
                f"{COMPANIES[provider]} was not compared with",
                f"The last time was {when}; it may not answer.",
                about=f"compared:{provider}",
            )
    last = LedgerCheck.objects.first()
    if last and last.started_at > timezone.now() - STALE_AFTER:
        return True
    when = f"{last.started_at:%Y-%m-%d %H:%M} UTC" if last else "never"
    logger.error("ledger_check_is_stale", last=when)
    tell_money_staff("The books were not checked", f"The last run was {when}.", about="stale")
    return False


@transaction.atomic
def tell_money_staff(title: str, message: str, *, about: str, url: str = "") -> None:
    """Note it in the audit log and tell everybody who watches over the money, at most every few hours about the same.

    `url`: where to look, if not at how the money is.
    """
    since = timezone.now() - TOLD_AGAIN_AFTER
    for person in _money_staff():
        told = person.notifications.filter(kind="money_alert", data__about=about, created_at__gt=since)
        if not told.exists():
            notify(
                person,
                kind="money_alert",
                title=title,
                message=message,
                url=url or reverse("admin:payments_ledgercheck_health"),
                data={"about": about},
            )
    audit.record(None, "ledger.alarm", title=title, message=message)


def thin_out_checks() -> None:
    """Keep every run of the last days, and of each day before the last one and those that found something."""
    old = LedgerCheck.objects.filter(started_at__lt=timezone.now() - ALL_KEPT_FOR)
    last_of_days = old.annotate(day=TruncDate("started_at")).order_by().values("day").annotate(last=Max("pk"))
    old.filter(is_right=True).exclude(pk__in=last_of_days.values("last")).delete()


def _money_staff() -> list[User]:
    staff = User.objects.filter(is_active=True, is_staff=True).order_by("pk")
    return [person for person in staff if person.has_perm(WATCHES_MONEY)]


def _as_json(finding: Finding) -> dict[str, object]:
    check = finding.check
    return {
        "name": check.name,
        "truth": check.truth,
        "proves": list(check.proves),
        "offenders": finding.offenders,
        "examples": finding.examples,
        "seconds": round(finding.seconds, 3),
    }
