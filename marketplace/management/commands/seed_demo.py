"""Fill a development site with the demo town."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import Unavailable


class Command(BaseCommand):
    help = (
        "Loads the demo town: people with the password guildhall-demo, projects, gigs, contracts in every state. "
        "Needs the payment provider (bin/dev runs a stand-in). Run it again and it goes on where it was interrupted."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--scale",
            type=int,
            default=1,
            help="1 is the town alone; each further unit adds 50 projects, 50 gigs, 30 people and what belongs to them.",
        )

    def handle(self, *args: Any, scale: int, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is not a demo site: demo people never go where real ones are.")
        if scale < 1:
            raise CommandError("--scale is 1 or more.")
        from marketplace.demo import town  # its time machine comes with the development requirements

        if town.scale_so_far() >= scale:
            self.stdout.write("The demo town is there already; nothing to do.")
            return
        started = time.monotonic()
        try:
            town.seed(scale)
        except Unavailable as error:
            raise CommandError(
                f"The payment provider at {settings.STRIPE_API_BASE or 'Stripe'} does not answer, and the town's people "
                "pay each other. Start it (bin/dev does) and run this again: it goes on where it stopped."
            ) from error
        self.stdout.write(f"The demo town is ready, in {time.monotonic() - started:.0f} s.")
