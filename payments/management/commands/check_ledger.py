"""Proves that the books are right."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from payments.models import Account, Journal, Line
from payments.selectors import fingerprint, prove


class Command(BaseCommand):
    help = "Prove every assertion about money. Exits with 1 if one fails."
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--hash", action="store_true", help="Only print a hash over all lines and balances, to compare copies by."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["hash"]:
            self.stdout.write(fingerprint())
            return
        counts = (Journal.objects.count(), Line.objects.count(), Account.objects.count())
        self.stdout.write("{} journals, {} lines, {} accounts".format(*counts))
        failed = []
        for finding in prove():
            mark = self.style.ERROR(f"{finding.offenders:>6}") if finding.offenders else f"{0:>6}"
            proves = ", ".join(map(str, finding.check.proves))
            self.stdout.write(f"{mark}  {finding.check.name} ({proves}): {finding.check.truth}")
            for example in finding.examples:
                self.stdout.write(f"        {example}")
            if finding.offenders:
                failed.append(finding.check.name)
        if failed:
            raise CommandError(f"The ledger is wrong: {', '.join(failed)}.")
        self.stdout.write(self.style.SUCCESS("The ledger is right."))
