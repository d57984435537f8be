"""Compares the books with what the payment provider moved."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand

from payments import services
from payments.models import ReconciliationException
from payments.rules import ProviderName


class Command(BaseCommand):
    help = "Fetch what a provider moved, book its fees, and list what does not match."
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--provider", choices=ProviderName.values, default=ProviderName.STRIPE)
        parser.add_argument(
            "--since", type=_day, help="A day, such as 2026-11-01 (UTC). Otherwise from the last look on, or all."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        run = services.reconcile(provider=ProviderName(options["provider"]), since=options["since"])
        self.stdout.write(
            f"{run.fetched} movements, {run.stored} new, {run.matched} found in the books; "
            f"{run.opened} exceptions opened, {run.closed} closed."
        )
        for one in ReconciliationException.objects.open():
            self.stdout.write(f"  {one} {one.amount or ''} since {one.opened_at:%Y-%m-%d %H:%M}")


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
