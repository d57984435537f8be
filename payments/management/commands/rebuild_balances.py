"""Makes the cached balances what their lines sum up to."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from payments.services.balances import rebuild_balances, wrong_balances


class Command(BaseCommand):
    help = "Rebuild the cached balance of every account from its lines, and tell which were wrong."
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="Change nothing; exit with 1 if one is wrong.")

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = wrong_balances() if options["check"] else rebuild_balances()
        for one in wrong:
            self.stdout.write(f"account {one.account_id}: {one.cached} cached, {one.lines} by its lines")
        if wrong and options["check"]:
            raise CommandError(f"{len(wrong)} cached balances are wrong.")
        self.stdout.write(self.style.SUCCESS(f"{len(wrong)} rebuilt." if wrong else "Every balance is right."))
