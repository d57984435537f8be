"""Programs run, end and are ended together, whatever happens to the supervisor itself."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bin.lib.environment import ROOT

WITHIN = 20  # seconds for anything to happen; a test that waits this long fails
SUPERVISE = """
import asyncio, sys
from pathlib import Path
from bin.lib.supervisor import Program, Supervisor

programs = [Program(f"p{number}", ["sh", "-c", script]) for number, script in enumerate(sys.argv[2:])]
supervisor = Supervisor(programs, {"PATH": "/usr/bin:/bin"}, Path(sys.argv[1]))
sys.exit(asyncio.run(supervisor.run([], lambda: None)))
"""
FOREVER = "echo started; exec sleep 1000"


def supervise(pid_file: Path, *scripts: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SUPERVISE, str(pid_file), *scripts]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)


def wait_for(happened: Callable[[], bool]) -> None:
    give_up = time.monotonic() + WITHIN
    while not happened():
        assert time.monotonic() < give_up
        time.sleep(0.02)


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything_and_is_no_failure(tmp_path: Path, number: signal.Signals) -> None:
    supervisor = supervise(tmp_path / "pids", FOREVER, "sleep 1000 & wait")
    wait_for((tmp_path / "pids").exists)
    programs = children(supervisor.pid)
    supervisor.send_signal(number)
    assert supervisor.wait(WITHIN) == 0
    assert len(programs) == 2
    assert not any(map(lives, programs))
    assert not (tmp_path / "pids").exists()


def test_one_program_that_ends_takes_the_rest_along(tmp_path: Path) -> None:
    supervisor = supervise(tmp_path / "pids", FOREVER, "echo giving up; exit 3")
    output, _ = supervisor.communicate(timeout=WITHIN)
    assert supervisor.returncode == 1
    assert "p1 | giving up" in output
    assert "p1 ended by itself (exit code 3)" in output


def test_a_program_that_does_not_listen_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    supervisor = supervise(tmp_path / "pids", "trap '' TERM INT HUP; echo deaf; while :; do sleep 1; done")
    assert supervisor.stdout is not None
    assert supervisor.stdout.readline() == "p0 | deaf\n"
    (deaf,) = children(supervisor.pid)
    supervisor.terminate()
    time.sleep(0.2)
    supervisor.terminate()
    assert supervisor.wait(WITHIN) == 0
    assert not lives(deaf)


def test_nothing_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    supervisor = supervise(tmp_path / "pids", FOREVER, FOREVER)
    wait_for((tmp_path / "pids").exists)
    programs = children(supervisor.pid)
    os.kill(supervisor.pid, signal.SIGKILL)
    supervisor.wait(WITHIN)
    wait_for(lambda: not any(map(lives, programs)))
