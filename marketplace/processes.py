"""`python -m marketplace.processes`: the HTTP workers, the socket server and the job worker of production.

The application is loaded once, before they are forked, so that they share its memory instead of each holding a copy.
Each is started where its option is given, so that machines can divide the work.
"""

import argparse
import ctypes
import gc
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

import structlog
import uvicorn
from django.core.management import call_command
from django.urls import get_resolver
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from marketplace import asgi, wsgi

logger = structlog.get_logger(__name__)

WAITING_REQUESTS = 256  # per worker; more are left to the front server
LARGEST_FRAME = 64 * 1024
PR_SET_PDEATHSIG = 1  # linux/prctl.h


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m marketplace.processes", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--web", type=int, metavar="PORT", help="serve HTTP")
    parser.add_argument("--workers", type=int, default=2, help="processes for HTTP; about one per core")
    # Two overlap waiting for the database; more of them mostly wait for each other, at the interpreter's lock.
    parser.add_argument("--threads", type=int, default=2, help="per worker")
    parser.add_argument("--sockets", type=int, metavar="PORT", help="serve /ws")
    parser.add_argument("--jobs", type=int, metavar="COUNT", help="do background work, so many jobs at once")
    options = parser.parse_args(arguments)
    if not (options.web or options.sockets or options.jobs):
        parser.error("say what to run: --web, --sockets or --jobs")
    return options


def load_everything() -> None:
    """What the first requests would load, and then leave it alone: the collector's marks would unshare the memory."""
    assert wsgi.application
    assert asgi.application
    assert get_resolver().url_patterns
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
    """Gives way to people who wait for an answer: Linux weighs sessions before it looks at niceness."""
    os.setsid()
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text("10")
    os.nice(10)
    call_command("procrastinate", "worker", "--concurrency", str(options.jobs))


def start(run: Callable[[argparse.Namespace], None], options: argparse.Namespace) -> int:
    """Fork a process that does `run`. Should we be killed, the kernel asks it to end."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        run(options)
        code = 0
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)


def main() -> int:
    """Until told to stop (0) or one of them ends by itself (1); then the others are asked to end, and waited for."""
    options = parse()
    load_everything()
    wanted = {web: options.web, sockets: options.sockets, jobs: options.jobs}
    running = {start(run, options): run.__name__ for run, is_wanted in wanted.items() if is_wanted}
    told: list[int] = []

    def stop(number: int, _: FrameType | None = None) -> None:
        told.append(number)
        for pid in running:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    while running:
        pid, _ = os.wait()
        name = running.pop(pid, None)
        if name and not told:
            logger.error("process_ended", name=name)
            stop(signal.SIGCHLD)
    return 0 if told[0] != signal.SIGCHLD else 1


if __name__ == "__main__":
    sys.exit(main())
