"""Payments before the site runs: demo people pay each other while a database is filled."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from bin.lib.environment import ROOT
from bin.lib.site import stripe_stand_in
from bin.lib.supervisor import END_WITH_US

SECONDS_TO_START = 30


@contextmanager
def stripe_answers(folder: Path, values: dict[str, str]) -> Iterator[None]:
    """Have the stand-in of Stripe running while the block runs; nothing to do where the real one is used."""
    programs = [
        subprocess.Popen([*END_WITH_US, *program.command], env=values, cwd=ROOT)
        for program in stripe_stand_in(folder, values)
    ]
    try:
        if programs:
            _wait_for(urlsplit(values["STRIPE_API_BASE"]).port or 0)
        yield
    finally:
        for program in programs:
            program.terminate()
            program.wait()


def _wait_for(port: int) -> None:
    give_up = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < give_up:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
