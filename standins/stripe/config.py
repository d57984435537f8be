"""What a run of the stand-in is told: command line first, then `STANDIN_*` variables, then defaults."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass, fields


@dataclass(frozen=True, kw_only=True)
class Config:
    host: str = "127.0.0.1"
    port: int = 12111
    state: str = ":memory:"
    public_url: str = ""
    webhook_url: str = ""
    webhook_secret: str = ""
    webhook_retry_first: float = 0.2
    webhook_retry_cap: float = 30.0
    webhook_tries: int = 20
    webhook_timeout: float = 20.0
    fee_basis_points: int = 290
    fee_fixed: int = 30
    days_until_available: float = 2.0
    dispute_fee: int = 1500
    dispute_fee_returned: int = 0
    payout_seconds: float = 172_800.0
    after_retries: str = "cancel"


HELP = {
    "host": "address to listen on",
    "port": "port to listen on; 0 takes a free one",
    "state": "SQLite file that keeps everything, or :memory:",
    "public_url": "address that browsers reach it at, for receipts and 3-D Secure pages",
    "webhook_url": "where events are sent",
    "webhook_secret": "what they are signed with (whsec_...)",
    "webhook_retry_first": "seconds before the second try; doubles with each further one",
    "webhook_retry_cap": "longest wait between two tries, in seconds",
    "webhook_tries": "tries before an event is given up",
    "webhook_timeout": "seconds a receiver may take to answer",
    "fee_basis_points": "share of each payment that is the processing fee, in hundredths of a percent",
    "fee_fixed": "fixed part of the processing fee, in the smallest unit of the currency",
    "days_until_available": "days until what a payment brings is available; 0: at once",
    "dispute_fee": "fee of a dispute, in the smallest unit of the currency",
    "dispute_fee_returned": "what of it a won dispute gives back",
    "after_retries": "what a subscription becomes when no retry of its payment worked: cancel, unpaid or past_due",
    "payout_seconds": "seconds until a payout arrives; the first half of them it is pending",
}


def read(arguments: Sequence[str] | None = None) -> Config:
    parser = argparse.ArgumentParser(prog="python -m standins.stripe", description="Local stand-in of Stripe's API")
    for option in fields(Config):
        variable = f"STANDIN_{option.name.upper()}"
        parser.add_argument(
            "--" + option.name.replace("_", "-"),
            type={"int": int, "float": float, "str": str}[str(option.type)],
            default=os.environ.get(variable, option.default),
            metavar=option.name.rsplit("_", 1)[-1].upper(),
            help=f"{HELP[option.name]} ({variable}, default {option.default!r})",
        )
    config = Config(**vars(parser.parse_args(arguments)))
    if config.webhook_url and not config.webhook_secret:
        parser.error("--webhook-url needs --webhook-secret")
    return config
