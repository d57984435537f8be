"""Part of bin/lint: Django's own checks, migrations that are missing, and production settings that would not start."""

import os
import subprocess
import sys

from bin.lib.environment import LOCAL
from bin.lib.migrations import PYTHON
from bin.lib.services import services

COMMANDS = [
    ["check", "--fail-level", "WARNING"],
    ["makemigrations", "--check", "--dry-run"],
]
# What production refuses to start without, as on a machine that has it all.
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "marketplace.settings.production",
    "SITE_URL": "https://guildhall.example",
    "ALLOWED_HOSTS": "guildhall.example",
    "METRICS_TOKEN": "a-token-for-this-check",
    "STRIPE_API_BASE": "",
}


def main() -> int:
    with services(LOCAL / "test", given={}, throwaway=True) as ours:
        environment = os.environ | ours.environment | {"DJANGO_SETTINGS_MODULE": "marketplace.settings.test"}
        results = [subprocess.run([PYTHON, "manage.py", *command], env=environment) for command in COMMANDS]
        deploy = ["check", "--deploy", "--fail-level", "WARNING"]
        results.append(subprocess.run([PYTHON, "manage.py", *deploy], env=environment | PRODUCTION))
    return int(any(result.returncode for result in results))


if __name__ == "__main__":
    sys.exit(main())
