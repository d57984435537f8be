"""What a run of the stand-in is told: command line first, then `STANDIN_PAYPAL_*` variables, then defaults."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass, fields


@dataclass(frozen=True, kw_only=True)
class Config:
    host: str = "127.0.0.1"
    port: int = 12112
    state: str = ":memory:"
    public_url: str = ""
    webhook_url: str = ""
    webhook_id: str = "WH-STANDIN"
    webhook_retry_first: float = 0.2
    webhook_retry_cap: float = 30.0
    webhook_tries: int = 25
    webhook_timeout: float = 20.0
    token_seconds: int = 32_400


HELP = {
    "host": "address to listen on",
    "port": "port to listen on; 0 takes a free one",
    "state": "SQLite file that keeps everything, or :memory:",
    "public_url": "address that browsers reach it at, for the page where buyers approve",
    "webhook_url": "where events are sent",
    "webhook_id": "the id of that webhook, which signatures are verified for",
    "webhook_retry_first": "seconds before the second try; doubles with each further one",
    "webhook_retry_cap": "longest wait between two tries, in seconds",
    "webhook_tries": "tries before an event is given up",
    "webhook_timeout": "seconds a receiver may take to answer",
    "token_seconds": "how long an access token is good",
}


def read(arguments: Sequence[str] | None = None) -> Config:
    parser = argparse.ArgumentParser(prog="python -m standins.paypal", description="Local stand-in of PayPal's API")
    for option in fields(Config):
        variable = f"STANDIN_PAYPAL_{option.name.upper()}"
        parser.add_argument(
            "--" + option.name.replace("_", "-"),
            type={"int": int, "float": float, "str": str}[str(option.type)],
            default=os.environ.get(variable, option.default),
            metavar=option.name.rsplit("_", 1)[-1].upper(),
            help=f"{HELP[option.name]} ({variable}, default {option.default!r})",
        )
    return Config(**vars(parser.parse_args(arguments)))
