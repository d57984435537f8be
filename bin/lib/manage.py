"""bin/manage: Django's command line with the private services running."""

import os
import sys

from bin.lib.command import run
from bin.lib.environment import ROOT
from bin.lib.migrations import PYTHON
from bin.lib.services import services


def main() -> int:
    with services() as ours:
        return run([PYTHON, ROOT / "manage.py", *sys.argv[1:]], {**ours.environment, **os.environ})


if __name__ == "__main__":
    sys.exit(main())
