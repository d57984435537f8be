"""Where the current request came from, for the audit log and limits. Empty in jobs and commands."""

from contextvars import ContextVar
from typing import NamedTuple


class Caller(NamedTuple):
    address: str = ""
    request_id: str = ""
    user_agent: str = ""


NOBODY = Caller()
current_caller: ContextVar[Caller] = ContextVar("current_caller", default=NOBODY)
