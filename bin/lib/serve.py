"""bin/serve: the site as in production, on one machine and without TLS."""

import argparse
import fcntl
import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

from bin.lib.command import leave_tidily_when_told
from bin.lib.environment import LOCAL, ROOT, free_port
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
from bin.lib.supervisor import Program, say

SETTINGS = "marketplace.settings.serve"
WEB_WORKERS = 2
JOBS_AT_ONCE = 4  # most wait for somebody's answer: a mail server, a webhook that is down


def application(web_port: int, sockets_port: int) -> Program:
    """HTTP, WebSockets and background work."""
    ports = ["--web", str(web_port), "--workers", str(WEB_WORKERS), "--sockets", str(sockets_port)]
    return Program("site", [PYTHON, "-m", "marketplace.processes", *ports, "--jobs", str(JOBS_AT_ONCE)])


def front(folder: Path, values: dict[str, str], *, port: int, web_port: int, sockets_port: int) -> Program:
    """nginx, by a configuration made from deploy/nginx.conf.template."""
    home = folder / "nginx"
    home.mkdir(exist_ok=True)
    filled_in = {
        "folder": home,
        "user": "user root;" if os.geteuid() == 0 else "",
        "address": "127.0.0.1",
        "port": port,
        "web_port": web_port,
        "sockets_port": sockets_port,
        "static": values["STATIC_ROOT"],
        "media": values["MEDIA_ROOT"],
    }
    template = (ROOT / "deploy" / "nginx.conf.template").read_text()
    configuration = home / "nginx.conf"
    configuration.write_text(re.sub(r"@(\w+)@", lambda name: str(filled_in[name[1]]), template))
    program = "/usr/sbin/nginx" if Path("/usr/sbin/nginx").exists() else "nginx"
    return Program("front", [program, "-e", "stderr", "-c", configuration, "-g", "daemon off;"])


def collect_static(values: dict[str, str]) -> None:
    """Hash and compress the static files, unless none has changed since the last time."""
    target = Path(values["STATIC_ROOT"])
    target.mkdir(parents=True, exist_ok=True)
    stamp = target.with_name(f"{target.name}.made")
    with stamp.open("a+") as made:
        fcntl.flock(made, fcntl.LOCK_EX)
        made.seek(0)
        wanted = _static_sources()
        if made.read() == wanted:
            return
        say("Hashing and compressing static files ...")
        command: list[str | Path] = [PYTHON, "manage.py", "collectstatic", "--no-input", "--clear", "--verbosity", "0"]
        if subprocess.run(command, env=values).returncode:
            sys.exit("The static files could not be collected.")
        made.truncate(0)
        made.write(wanted)


def _static_sources() -> str:
    """What tells one state of our own and the packages' static files from another."""
    states = [(ROOT / ".venv" / "installed").read_text()]
    for file in sorted([*ROOT.glob("static/**/*"), *ROOT.glob("[!.]*/static/**/*")]):
        state = file.stat()
        states.append(f"{file} {state.st_size} {state.st_mtime_ns}")
    return hashlib.sha256("\n".join(states).encode()).hexdigest()


def parsed_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/serve", description=__doc__)
    parser.add_argument("--folder", type=Path, default=LOCAL, help="where everything of this site is kept (.local)")
    parser.add_argument(
        "--prepared", action="store_true", help="leave the database as it is: no migration, no demo data"
    )
    return parser.parse_args()


def main() -> int:
    arguments = parsed_arguments()
    folder: Path = arguments.folder.absolute()
    leave_tidily_when_told()
    port = chosen_port("bin/serve")
    with only_one(folder), services(folder) as ours:
        behind_nginx = {
            "STATIC_ROOT": str(folder / "static"),
            "X_ACCEL_PREFIX": "/private/",
            "TRUST_PROXY_ADDRESS": "true",
            "MALLOC_ARENA_MAX": "2",  # otherwise each thread keeps a heap of its own, never given back
        }
        values = behind_nginx | site_environment(folder, ours.environment, SETTINGS, port)
        if not arguments.prepared:
            prepare_database(folder, values)
        collect_static(values)
        web_port, sockets_port = free_port(), free_port()
        programs = [
            *service_logs(ours),
            *stripe_stand_in(folder, values),
            *paypal_stand_in(folder, values),
            application(web_port, sockets_port),
            front(folder, values, port=port, web_port=web_port, sockets_port=sockets_port),
        ]
        return run_site(folder, programs, values, [web_port, sockets_port])


if __name__ == "__main__":
    sys.exit(main())
