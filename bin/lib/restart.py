"""`python -m bin.lib.restart COMMAND ...`: runs the command, and again whenever Python code of the site changes.

A command that fails is not run again before the next change, so that its error stays in sight.
"""

import logging
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from watchfiles import PythonFilter, watch

from bin.lib.command import leave_tidily_when_told
from bin.lib.environment import ROOT
from bin.lib.supervisor import END_WITH_US, PATIENCE, say


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(PATIENCE / 2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def main(command: Sequence[str]) -> None:
    leave_tidily_when_told()
    logging.getLogger("watchfiles").setLevel(logging.ERROR)  # it warns of being stopped
    apps = [file.parent for file in ROOT.glob("*/apps.py")]
    process = subprocess.Popen([*END_WITH_US, *command])
    try:
        for changes in watch(*apps, watch_filter=PythonFilter(), debounce=400, raise_interrupt=False):
            changed = sorted({str(Path(path).relative_to(ROOT)) for _, path in changes})
            say(f"{', '.join(changed)} changed; starting again")
            end(process)
            process = subprocess.Popen([*END_WITH_US, *command])
    finally:
        end(process)


if __name__ == "__main__":
    main(sys.argv[1:])
