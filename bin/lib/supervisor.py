"""Runs the programs of the site on one terminal, each line behind its program's name, and ends them together."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

COLOURS = [36, 32, 35, 33, 34, 96, 95]  # codes of the terminal, one per program
PATIENCE = 10  # seconds for a program to end when asked, before it is killed
LONGEST_LINE = 1_000_000
# Should the supervisor itself be killed, the kernel asks its children to end.
END_WITH_US = ["setpriv", "--pdeathsig=TERM", "--"]


@dataclass(frozen=True)
class Program:
    name: str
    command: Sequence[str | Path]


class Supervisor:
    """Each program leads a session of its own, so that signals of the terminal reach the supervisor alone."""

    def __init__(self, programs: Sequence[Program], environment: dict[str, str], pid_file: Path) -> None:
        self.programs = programs
        self.environment = environment | {"PYTHONUNBUFFERED": "1"}
        self.pid_file = pid_file
        self.processes: dict[str, asyncio.subprocess.Process] = {}
        self.relays: list[asyncio.Task[None]] = []
        self.told_to_stop = asyncio.Event()

    async def run(self, health_addresses: Sequence[str], when_ready: Callable[[], None]) -> int:
        """Until a signal says stop (returns 0) or a program ends by itself (returns 1)."""
        loop = asyncio.get_running_loop()
        for told in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(told, self._stop)
        announcement = asyncio.create_task(_announce(health_addresses, when_ready))
        try:
            for number, program in enumerate(self.programs):
                await self._start(program, COLOURS[number % len(COLOURS)])
            self.pid_file.write_text(json.dumps({name: process.pid for name, process in self.processes.items()}))
            return await self._wait()
        finally:
            announcement.cancel()
            await self._end_all()
            self.pid_file.unlink(missing_ok=True)

    def _stop(self) -> None:
        if self.told_to_stop.is_set():  # told twice: somebody is in a hurry
            self._signal_all(signal.SIGKILL)
        self.told_to_stop.set()

    async def _start(self, program: Program, colour: int) -> None:
        process = await asyncio.create_subprocess_exec(
            *END_WITH_US,
            *program.command,
            env=self.environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=LONGEST_LINE,
            start_new_session=True,
        )
        self.processes[program.name] = process
        width = max(len(program.name) for program in self.programs)
        prefix = coloured(f"{program.name:<{width}} |", colour)
        assert process.stdout is not None
        self.relays.append(asyncio.create_task(_relay(process.stdout, prefix)))

    async def _wait(self) -> int:
        stop = asyncio.create_task(self.told_to_stop.wait())
        endings = {asyncio.create_task(process.wait()): name for name, process in self.processes.items()}
        ended, _ = await asyncio.wait([stop, *endings], return_when=asyncio.FIRST_COMPLETED)
        if stop in ended:
            say("Stopping ...")
            return 0
        stop.cancel()
        for ending in ended:
            say(f"{endings[ending]} ended by itself (exit code {ending.result()}). Stopping the rest.")
        return 1

    async def _end_all(self) -> None:
        self._signal_all(signal.SIGTERM)
        endings = [process.wait() for process in self.processes.values()]
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*endings), PATIENCE)
        self._signal_all(signal.SIGKILL)  # what did not listen, and what programs left behind in their session
        await asyncio.gather(*self.relays)

    def _signal_all(self, number: signal.Signals) -> None:
        for process in self.processes.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)


async def _relay(lines: asyncio.StreamReader, prefix: str) -> None:
    while True:
        try:
            line = await lines.readline()
        except ValueError:  # longer than LONGEST_LINE
            continue
        if not line:
            return
        say(f"{prefix} {line.decode(errors='replace').rstrip()}")


async def _announce(health_addresses: Sequence[str], when_ready: Callable[[], None]) -> None:
    for address in health_addresses:
        while not await asyncio.to_thread(_is_healthy, address):
            await asyncio.sleep(0.3)
    when_ready()


def _is_healthy(address: str) -> bool:
    try:
        with urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def say(text: str) -> None:
    """Print, unless the terminal has been closed."""
    with suppress(OSError):
        print(text, flush=True)


def coloured(text: str, colour: int) -> str:
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\033[{colour}m{text}\033[0m"
