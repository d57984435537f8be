"""A process that is killed at a chosen step: before a statement, around a commit, around a call of the provider."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import requests  # noqa: TID251
from django.core.cache import caches
from django.db import connection, connections

from core.errors import DomainError
from torture.books import forget_providers

FINISHED, REFUSED, FAILED = 0, 3, 4
Act = Callable[[], Any]


class Steps:
    """Notes each step that a process takes, and ends it at one of them as `kill -9` does."""

    def __init__(self, last: int | None = None) -> None:
        self.names: list[str] = []
        self._last = last

    def take(self, name: str) -> None:
        self.names.append(name)
        if len(self.names) == self._last:
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def watched(self) -> Iterator[None]:
        commit, request = connection._commit, requests.Session.request

        def commits() -> None:
            self.take("before commit")
            commit()
            self.take("after commit")

        def calls(session: Any, method: str, url: str, *rest: Any, **options: Any) -> Any:
            path = urlsplit(url).path
            self.take(f"before calling {method} {path}")
            answer = request(session, method, url, *rest, **options)
            self.take(f"after calling {method} {path}")
            return answer

        with (
            connection.execute_wrapper(self._statement),
            mock.patch.object(connection, "_commit", commits),
            mock.patch.object(requests.Session, "request", calls),
        ):
            yield

    def _statement(self, execute: Act, sql: str, *rest: Any) -> Any:
        self.take(f"before the statement {' '.join(str(sql).split()[:3])}")
        return execute(sql, *rest)


def steps_of(act: Act) -> list[str]:
    """The names of the steps that a process takes which does `act` undisturbed."""
    reader, writer = os.pipe()

    def noted() -> None:
        steps = Steps()
        with steps.watched():
            act()
        with os.fdopen(writer, "w") as pipe:
            pipe.write("\n".join(steps.names))

    pid = _forked(noted)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        names = pipe.read().splitlines()
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code != FINISHED:
        raise RuntimeError(f"The undisturbed process ended with {code}.")
    return names


def killed_at(step: int, act: Act) -> bool:
    """Whether a process that does `act` was killed at the step; False when it was done before that."""

    def watched() -> None:
        with Steps(step).watched():
            act()

    code = os.waitstatus_to_exitcode(os.waitpid(_forked(watched), 0)[1])
    if code == FAILED:
        raise RuntimeError("The process failed before it was killed.")
    return code == -signal.SIGKILL


def _forked(act: Act) -> int:
    """A process of its own that does `act`, with no connection in common with this one."""
    connections.close_all()
    pid = os.fork()
    if pid:
        return pid
    code = FAILED
    try:
        forget_providers()
        caches.close_all()
        act()
        code = FINISHED
    except DomainError:
        code = REFUSED
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        os._exit(code)
