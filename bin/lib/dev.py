"""bin/dev: the site for development, on one terminal."""

import shlex
import sys

from bin.lib.command import leave_tidily_when_told
from bin.lib.environment import LOCAL, ROOT
from bin.lib.services import services
from bin.lib.site import (
    PYTHON,
    chosen_port,
    only_one,
    prepare_database,
    run_site,
    service_logs,
    site_environment,
    stripe_stand_in,
    tool,
)
from bin.lib.supervisor import Program


def web_and_worker(port: int) -> list[Program]:
    apps = sorted(file.parent for file in ROOT.glob("*/apps.py"))
    worker = shlex.join([str(PYTHON), "manage.py", "procrastinate", "worker"])
    watch = [tool("watchfiles"), "--filter", "python", "--verbosity", "warning", "--target-type", "command"]
    return [
        Program("web", [PYTHON, "manage.py", "runserver", f"127.0.0.1:{port}"]),
        Program("worker", [*watch, worker, *apps]),
    ]


def main() -> int:
    leave_tidily_when_told()
    port = chosen_port("bin/dev")
    with only_one(LOCAL), services() as ours:
        values = site_environment(LOCAL, ours.environment, "marketplace.settings.development", port)
        prepare_database(values)
        programs = [*service_logs(ours), *stripe_stand_in(LOCAL, values), *web_and_worker(port)]
        return run_site(LOCAL, programs, values, [port])


if __name__ == "__main__":
    sys.exit(main())
