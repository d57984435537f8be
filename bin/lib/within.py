"""`python -m bin.lib.within COMMAND ...`: runs the command with the settings and services of tests."""

import os
import sys

from bin.lib.command import run
from bin.lib.environment import LOCAL
from bin.lib.services import services


def main() -> int:
    with services(LOCAL / "test", given={}, throwaway=True) as ours:
        settings = {"DJANGO_SETTINGS_MODULE": "marketplace.settings.test"}
        return run(sys.argv[1:], os.environ | ours.environment | settings)


if __name__ == "__main__":
    sys.exit(main())
