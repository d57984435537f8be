"""What a run of a stand-in is told: command line first, then variables of the environment, then defaults."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Self


def option(default: Any, meaning: str) -> Any:
    """A field of a Config; the default's type is that of the option."""
    return field(default=default, metadata={"help": meaning})


@dataclass(frozen=True, kw_only=True)
class Config:
    """The options that all have. A ValueError of a subclass's `__post_init__` is told as a usage error."""

    service: ClassVar[str]
    variables: ClassVar[str]  # how their names begin

    host: str = option("127.0.0.1", "address to listen on")
    port: int = option(0, "port to listen on; 0 takes a free one")
    state: str = option(":memory:", "SQLite file that keeps everything, or :memory:")
    public_url: str = option("", "address that browsers reach it at")
    webhook_url: str = option("", "where events are sent")
    webhook_retry_first: float = option(0.2, "seconds before the second try; doubles with each further one")
    webhook_retry_cap: float = option(30.0, "longest wait between two tries, in seconds")
    webhook_tries: int = option(20, "tries before an event is given up")
    webhook_timeout: float = option(20.0, "seconds a receiver may take to answer")

    @classmethod
    def read(cls, arguments: Sequence[str] | None = None) -> Self:
        parser = argparse.ArgumentParser(
            prog=f"python -m standins.{cls.service.lower()}", description=f"Local stand-in of {cls.service}'s API"
        )
        for known in fields(cls):
            variable = f"{cls.variables}{known.name.upper()}"
            parser.add_argument(
                "--" + known.name.replace("_", "-"),
                type=type(known.default),
                default=os.environ.get(variable, known.default),
                metavar=known.name.rsplit("_", 1)[-1].upper(),
                help=f"{known.metadata['help']} ({variable}, default {known.default!r})",
            )
        try:
            return cls(**vars(parser.parse_args(arguments)))
        except ValueError as error:
            parser.error(str(error))
