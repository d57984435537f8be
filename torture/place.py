"""Where the torture happens: a PostgreSQL and a Redis of its own, an empty database, and the stand-in of Stripe."""

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
from standins.tests.process import Standin

FOLDER = LOCAL / "torture"


@dataclass(frozen=True)
class Place:
    postgres: Postgres
    stand_in: Standin
    database_url: str


@contextmanager
def prepared_place() -> Iterator[Place]:
    """Everything running until the block ends, and this process ready to use it."""
    with only_one(FOLDER), services(FOLDER, given={}, throwaway=True) as ours:
        assert ours.postgres is not None
        environment = os.environ | ours.environment | {"DJANGO_SETTINGS_MODULE": SETTINGS}
        template = template_database(ours.postgres, environment, FOLDER)
        stand_in = Standin()
        try:
            os.environ.update(environment | {"STRIPE_API_BASE": stand_in.url, "TEST_TEMPLATE": template})
            os.environ["DATABASE_URL"] = _copy(template)
            import django

            django.setup()
            logging.disable(logging.CRITICAL)  # the site reports what is done to it
            yield Place(ours.postgres, stand_in, os.environ["DATABASE_URL"])
        finally:
            stand_in.stop()


def _copy(template: str) -> str:
    from tests.fixtures.databases import DatabaseCopy

    copy = DatabaseCopy("tortured")
    copy.make()
    return copy.url()
