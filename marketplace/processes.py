"""`python -m marketplace.processes`: the HTTP workers, the socket server and the job workers of production.

The application is loaded once, before they are forked, so that they share its memory instead of each holding a copy.
Each is started where its option is given, so that machines can divide the work.
"""

import argparse
import ctypes
import gc
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import structlog
import uvicorn
from django.conf import settings
from django.core.cache import caches
from django.core.management import call_command
from django.urls import get_resolver
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from core.jobs import NEWS, REST
from marketplace import asgi, wsgi

logger = structlog.get_logger(__name__)

WAITING_REQUESTS = 256  # per worker; more are left to the front server
LARGEST_FRAME = 256 * 1024  # the chat refuses frames from 64 KiB on; above this, the socket ends while more arrives
PR_SET_PDEATHSIG = 1  # linux/prctl.h
QUICK_SECONDS, QUICK_ENDS = 10, 5


class Child(NamedTuple):
    run: Callable[[argparse.Namespace], None]
    since: float
    quick_ends: int


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m marketplace.processes", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--web", type=int, metavar="PORT", help="serve HTTP")
    parser.add_argument("--workers", type=int, default=2, help="processes for HTTP; about one per core")
    # Two overlap waiting for the database; more of them mostly wait for each other, at the interpreter's lock.
    parser.add_argument("--threads", type=int, default=2, help="per worker")
    parser.add_argument("--sockets", type=int, metavar="PORT", help="serve /ws")
    parser.add_argument(
        "--jobs", type=int, metavar="COUNT", help="do background work, so many jobs of each queue at once"
    )
    options = parser.parse_args(arguments)
    if not (options.web or options.sockets or options.jobs):
        parser.error("say what to run: --web, --sockets or --jobs")
    return options


def load_everything() -> None:
    """What the first requests would load, and then leave it alone: the collector's marks would unshare the memory."""
    assert wsgi.application
    assert asgi.application
    assert get_resolver().url_patterns
    assert caches["default"]
    import_module(settings.SESSION_ENGINE)
    gc.collect()
    gc.freeze()


def web(options: argparse.Namespace) -> None:
    gc.set_threshold(10_000, 20, 20)  # a request makes tens of thousands of objects, nearly none of them in cycles
    Granian(
        "marketplace.wsgi:application",
        address=options.host,
        port=options.web,
        interface=Interfaces.WSGI,
        workers=options.workers,
        blocking_threads=options.threads,
        backpressure=WAITING_REQUESTS,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
    ).serve()


def sockets(options: argparse.Namespace) -> None:
    """Compression would cost 100 KB of memory for each socket."""
    gc.set_threshold(50_000, 50, 100)  # collecting garbage among thousands of sockets would stop all of them
    uvicorn.run(
        asgi.application,
        host=options.host,
        port=options.sockets,
        loop="uvloop",
        lifespan="off",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=LARGEST_FRAME,
        log_level="warning",
    )


def jobs(options: argparse.Namespace) -> None:
    """Gives way to people who wait for an answer."""
    _work_on(REST, options, niceness=10)


def news(options: argparse.Namespace) -> None:
    """Gives way to the other jobs too."""
    _work_on(NEWS, options, niceness=15)


def _work_on(queue: str, options: argparse.Namespace, *, niceness: int) -> None:
    """Linux weighs sessions before it looks at niceness."""
    os.setsid()
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(niceness))
    os.nice(niceness)
    call_command("procrastinate", "worker", "--queues", queue, "--concurrency", str(options.jobs))


def start(run: Callable[[argparse.Namespace], None], options: argparse.Namespace) -> int:
    """Fork a process that does `run`. Should we be killed, the kernel asks it to end."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)  # one that replaces another inherits what the family does
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        run(options)
        code = 0
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)


class Family:
    """The processes that run, by pid. One that ends by itself is started again; one that cannot live ends all of them."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.running: dict[int, Child] = {}
        self.told = False

    def add(self, run: Callable[[argparse.Namespace], None], *, quick_ends: int = 0) -> None:
        self.running[start(run, self.options)] = Child(run, time.monotonic(), quick_ends)
        if self.told:  # while it was being started, so that it was not told
            self.stop()

    def stop(self, *_: object) -> None:
        self.told = True
        for pid in self.running:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

    def wait(self) -> int:
        """Until told to stop (0), or until one has ended QUICK_ENDS times right after its start (1)."""
        failed = False
        while self.running:
            pid, _ = os.wait()
            child = self.running.pop(pid, None)
            if child is None or self.told:
                continue
            quick_ends = child.quick_ends + 1 if time.monotonic() - child.since < QUICK_SECONDS else 0
            logger.error("process_ended", name=child.run.__name__, quick_ends=quick_ends)
            if quick_ends < QUICK_ENDS:
                self.add(child.run, quick_ends=quick_ends)
            else:
                failed = True
                self.stop()
        return int(failed)


def main() -> int:
    options = parse()
    load_everything()
    family = Family(options)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, family.stop)
    for run, is_wanted in ((web, options.web), (sockets, options.sockets), (jobs, options.jobs), (news, options.jobs)):
        if is_wanted:
            family.add(run)
    return family.wait()


if __name__ == "__main__":
    sys.exit(main())
