"""`python -m marketplace.web`: the HTTP workers of production.

The application is loaded once, before the workers are forked, so that they share its memory instead of each holding a copy.
"""

import argparse
import gc
from collections.abc import Sequence

from django.urls import get_resolver
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from marketplace import wsgi

WAITING_REQUESTS = 256  # per worker; more are left to the front server


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m marketplace.web", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=2, help="processes; about one per core")
    # Two overlap waiting for the database; more of them mostly wait for each other, at the interpreter's lock.
    parser.add_argument("--threads", type=int, default=2, help="per worker")
    return parser.parse_args(arguments)


def load_everything() -> None:
    """What the first requests would load, and then leave it alone: the collector's marks would unshare the memory."""
    assert wsgi.application
    assert get_resolver().url_patterns
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)  # a request makes tens of thousands of objects, nearly none of them in cycles


def main() -> None:
    options = parse()
    load_everything()
    Granian(
        "marketplace.wsgi:application",
        address=options.host,
        port=options.port,
        interface=Interfaces.WSGI,
        workers=options.workers,
        blocking_threads=options.threads,
        backpressure=WAITING_REQUESTS,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
    ).serve()


if __name__ == "__main__":
    main()
