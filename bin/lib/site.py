"""What bin/dev and bin/serve have in common: one site per folder, its port, its database, the stand-ins, the welcome."""

import asyncio
import fcntl
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bin.lib.environment import is_free
from bin.lib.migrations import PYTHON, bring_up_to_date, is_up_to_date
from bin.lib.services import Services
from bin.lib.stand_in import paypal_address, providers_answer, stripe_address
from bin.lib.supervisor import Program, Supervisor, coloured, say

BOLD = 1
DEMO_PASSWORD = "guildhall-demo"  # noqa: S105 - of demo people, who never exist in production
DEMO_PEOPLE = {
    "client@example.com": "hires and pays",
    "freelancer@example.com": "sends proposals, delivers, is paid",
    "helper@example.com": "does gigs nearby",
    "staff@example.com": "staff console at /admin/; second factor: bin/manage staff_code",
}


def tool(name: str) -> Path:
    """A program of the virtual environment."""
    return PYTHON.with_name(name)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Refuse to run two sites on the same database and files."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "site.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("This checkout's site runs already (bin/dev or bin/serve). Stop that one first.")
        yield


def chosen_port(command: str) -> int:
    port = int(os.environ.get("PORT", "8000"))
    if not is_free(port):
        sys.exit(f"Port {port} is taken by another program. Choose another one:  PORT={port + 1} {command}")
    return port


def site_environment(folder: Path, known: dict[str, str], settings: str, port: int) -> dict[str, str]:
    site = {"DJANGO_SETTINGS_MODULE": settings, "SITE_URL": f"http://127.0.0.1:{port}"}
    return {**known, **stripe_address(folder, known), **paypal_address(folder, known), **site, **os.environ}


def service_logs(ours: Services) -> list[Program]:
    """Show what our services report; `tail` ends when its service does, so that its end is noticed."""
    return [
        Program(name, ["tail", "--lines=0", "--follow=name", f"--pid={service.pid}", service.log])
        for name, service in [("postgres", ours.postgres), ("redis", ours.redis)]
        if service is not None
    ]


def prepare_database(folder: Path, values: dict[str, str]) -> None:
    """Migrate, and load demo data into an empty database; its people pay each other, so the stand-ins run meanwhile."""
    if is_up_to_date(values["DATABASE_URL"]):
        return
    say("Bringing the database up to date ...")
    with providers_answer(folder, values):
        bring_up_to_date(values, ["-m", "bin.lib.prepare"])


def run_site(folder: Path, programs: Sequence[Program], values: dict[str, str], ports: Sequence[int]) -> int:
    """Run until stopped; `ports` are those that must answer before the site is called ready."""
    supervisor = Supervisor(programs, values, folder / "programs.json")
    health = [f"http://127.0.0.1:{port}/api/health/ready" for port in ports]
    return asyncio.run(supervisor.run(health, lambda: _welcome(values)))


def _welcome(values: dict[str, str]) -> None:
    people = [f"  {email:<24}{does}" for email, does in DEMO_PEOPLE.items()]
    payments = values["STRIPE_API_BASE"] or "the real Stripe"
    lines = [
        "",
        coloured(f"Guildhall is ready at {values['SITE_URL']}", BOLD),
        "",
        f"Sign in as one of these, with the password {DEMO_PASSWORD}:",
        *people,
        "",
        f"E-mail is written to {values['MAIL_DIR']}; payments go to {payments}. Ctrl-C stops everything.",
        "",
    ]
    say("\n".join(lines))
