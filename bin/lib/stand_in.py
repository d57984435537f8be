"""The local stand-ins of payment providers: where they are, and how they are started."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from bin.lib import environment
from bin.lib.environment import ROOT, free_port, is_free
from bin.lib.migrations import PYTHON
from bin.lib.supervisor import END_WITH_US, Program

SECONDS_TO_START = 30


def stripe_address(folder: Path, known: dict[str, str]) -> dict[str, str]:
    """Where Stripe is: the stand-in, unless real keys are in the environment."""
    if "STRIPE_SECRET_KEY" in os.environ:
        return {"STRIPE_API_BASE": ""}
    base = known["STRIPE_API_BASE"]
    if not is_free(_port(base)):
        base = f"http://127.0.0.1:{free_port()}"
        environment.write(folder, environment.read(folder) | {"STRIPE_API_BASE": base})
    return {"STRIPE_API_BASE": base, "STRIPE_JS_URL": f"{base}/v3/"}


def paypal_address(folder: Path, known: dict[str, str]) -> dict[str, str]:
    """Where PayPal is: the stand-in, unless real keys are in the environment."""
    if "PAYPAL_CLIENT_ID" in os.environ:
        return {"PAYPAL_API_BASE": ""}
    base = known["PAYPAL_API_BASE"]
    if not is_free(_port(base)):
        base = f"http://127.0.0.1:{free_port()}"
        environment.write(folder, environment.read(folder) | {"PAYPAL_API_BASE": base})
    return {"PAYPAL_API_BASE": base}


def paypal_stand_in(folder: Path, values: dict[str, str], *, webhooks: bool = True) -> list[Program]:
    """The stand-in, if it is wanted; without webhooks while there is no site to receive them."""
    if "PAYPAL_CLIENT_ID" in os.environ:
        return []
    options = {
        "--port": str(_port(values["PAYPAL_API_BASE"])),
        "--state": str(folder / "paypal.sqlite3"),
        "--webhook-url": f"{values['SITE_URL']}/api/paypal/webhooks" if webhooks else "",
        "--webhook-id": values["PAYPAL_WEBHOOK_ID"],
    }
    arguments = [word for option in options.items() for word in option]
    return [Program("paypal", [PYTHON, "-m", "standins.paypal", *arguments])]


def stripe_stand_in(folder: Path, values: dict[str, str], *, webhooks: bool = True) -> list[Program]:
    """Like that of PayPal."""
    if "STRIPE_SECRET_KEY" in os.environ:
        return []
    options = {
        "--port": str(_port(values["STRIPE_API_BASE"])),
        "--state": str(folder / "stripe.sqlite3"),
        "--webhook-url": f"{values['SITE_URL']}/api/stripe/webhooks" if webhooks else "",
        "--webhook-secret": values["STRIPE_WEBHOOK_SECRET"],
        "--days-until-available": "0",
        "--payout-seconds": "60",
    }
    arguments = [word for option in options.items() for word in option]
    return [Program("stripe", [PYTHON, "-m", "standins.stripe", *arguments])]


@contextmanager
def providers_answer(folder: Path, values: dict[str, str]) -> Iterator[None]:
    """Have the stand-ins running while the block runs: demo people pay each other while a database is filled."""
    wanted = [
        *stripe_stand_in(folder, values, webhooks=False),
        *paypal_stand_in(folder, values, webhooks=False),
    ]
    running = [
        subprocess.Popen([*END_WITH_US, *program.command], env=values, cwd=ROOT, stdout=subprocess.DEVNULL)
        for program in wanted
    ]
    try:
        for program in wanted:
            _wait_for(program.name, _port(values[f"{program.name.upper()}_API_BASE"]))
        yield
    finally:
        for process in running:
            process.terminate()
            process.wait()


def _wait_for(name: str, port: int) -> None:
    give_up = time.monotonic() + SECONDS_TO_START
    while is_free(port):
        if time.monotonic() > give_up:
            sys.exit(f"The stand-in of {name} did not start.")
        time.sleep(0.1)


def _port(address: str) -> int:
    return urlsplit(address).port or 0
