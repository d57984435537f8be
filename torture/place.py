"""Where the torture happens: a PostgreSQL and a Redis of its own, an empty database, and the stand-ins of the providers."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bin.lib.environment import LOCAL
from bin.lib.postgres import Postgres
from bin.lib.services import services
from bin.lib.site import only_one
from bin.lib.test import SETTINGS, template_database
from standins.tests.process import PayPalStandin, Standin

FOLDER = LOCAL / "torture"
DATABASE = "tortured"


@dataclass(frozen=True)
class Place:
    postgres: Postgres
    stand_in: Standin
    paypal: PayPalStandin

    def clear(self) -> None:
        """An empty database again, and nothing at the providers: what one part leaves open is not the next one's."""
        from tests.fixtures.databases import DatabaseCopy

        DatabaseCopy(DATABASE).make_anew()
        self.stand_in.control("POST", "/reset")
        self.paypal.reset()


@contextmanager
def prepared_place() -> Iterator[Place]:
    """Everything running until the block ends, and this process ready to use it."""
    with only_one(FOLDER), services(FOLDER, given={}, throwaway=True) as ours:
        assert ours.postgres is not None
        environment = os.environ | ours.environment | {"DJANGO_SETTINGS_MODULE": SETTINGS}
        template = template_database(ours.postgres, environment, FOLDER)
        stand_in, paypal = Standin(), PayPalStandin()
        try:
            os.environ.update(environment | {"STRIPE_API_BASE": stand_in.url, "TEST_TEMPLATE": template})
            os.environ.update(paypal.settings())
            os.environ["DATABASE_URL"] = _copy(template)
            import django

            django.setup()
            logging.disable(logging.CRITICAL)  # the site reports what is done to it
            yield Place(ours.postgres, stand_in, paypal)
        finally:
            stand_in.stop()
            paypal.stop()


def _copy(template: str) -> str:
    from tests.fixtures.databases import DatabaseCopy

    copy = DatabaseCopy(DATABASE)
    copy.make()
    return copy.url()
