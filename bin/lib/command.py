"""Run one program in the foreground of ours."""

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


def run(command: Sequence[str | Path], environment: dict[str, str]) -> int:
    """The program's exit code. Ctrl-C is the program's to handle, and a request to end is passed on."""
    with subprocess.Popen(command, env=environment) as process:
        signal.signal(signal.SIGINT, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda received, _: process.send_signal(received))
        code = process.wait()
    return code if code >= 0 else 128 - code


def leave_tidily_when_told() -> None:
    """Turn the signals that end a program into an ordinary exit, so that what was begun is undone on the way out."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
