"""bin/dev: the site for development, on one terminal."""

import sys

from bin.lib.command import leave_tidily_when_told
from bin.lib.environment import LOCAL
from bin.lib.migrations import PYTHON
from bin.lib.services import services
from bin.lib.site import (
    chosen_port,
    only_one,
    prepare_database,
    run_site,
    service_logs,
    site_environment,
)
from bin.lib.stand_in import paypal_stand_in, stripe_stand_in
from bin.lib.supervisor import Program


def restarted_on_change(name: str, *command: str) -> Program:
    return Program(name, [PYTHON, "-m", "bin.lib.restart", PYTHON, "manage.py", *command])


def main() -> int:
    leave_tidily_when_told()
    port = chosen_port("bin/dev")
    with only_one(LOCAL), services() as ours:
        values = site_environment(LOCAL, ours.environment, "marketplace.settings.development", port)
        prepare_database(LOCAL, values)
        programs = [
            *service_logs(ours),
            *stripe_stand_in(LOCAL, values),
            *paypal_stand_in(LOCAL, values),
            restarted_on_change("web", "runserver", "--noreload", f"127.0.0.1:{port}"),
            restarted_on_change("worker", "procrastinate", "worker", "--concurrency", "4"),
        ]
        return run_site(LOCAL, programs, values, [port])


if __name__ == "__main__":
    sys.exit(main())
