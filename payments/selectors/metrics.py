"""The health of the money for monitors, read when they ask: see core.health.Metrics."""

from collections.abc import Iterable

from django.utils import timezone
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from payments.models import LedgerCheck, ProviderEvent, ReconciliationException, ReconciliationRun


class MoneyCollector(Collector):
    """Not right, stale or never run are told apart: 0, a large age, and no value at all."""

    def describe(self) -> Iterable[Metric]:
        return []  # asked for when it is registered, before there may be a database

    def collect(self) -> Iterable[Metric]:
        now = timezone.now()
        right = GaugeMetricFamily("guildhall_ledger_right", "1 if the last proof of the books found nothing wrong.")
        age = GaugeMetricFamily("guildhall_ledger_check_age_seconds", "Since the last proof of the books began.")
        if last := LedgerCheck.objects.defer("findings").first():
            right.add_metric([], int(last.is_right))
            age.add_metric([], (now - last.started_at).total_seconds())
        reconciled = GaugeMetricFamily(
            "guildhall_reconciliation_age_seconds", "Since a provider was last compared.", labels=["provider"]
        )
        for run in ReconciliationRun.objects.order_by("provider", "-id").distinct("provider"):
            reconciled.add_metric([run.provider], (now - run.started_at).total_seconds())
        exceptions = GaugeMetricFamily("guildhall_money_exceptions", "Open exceptions about money.")
        exceptions.add_metric([], ReconciliationException.objects.open().count())
        events = GaugeMetricFamily("guildhall_provider_events_waiting", "Stored events that are not processed yet.")
        events.add_metric([], ProviderEvent.objects.filter(processed_at=None).count())
        return [right, age, reconciled, exceptions, events]


def register() -> None:
    REGISTRY.register(MoneyCollector())
