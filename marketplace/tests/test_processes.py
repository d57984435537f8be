"""The processes of production are one family: who ends is replaced, and none is left when the family is told to stop."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from procrastinate.contrib.django import app

from core.jobs import QUEUES
from marketplace import processes

FAMILY = """
import os, sys, time
from marketplace import processes

pids = sys.argv.pop(1)

def lasting(name, seconds):
    def run(options):
        with open(pids, "a") as file:
            file.write(f"{{name}} {{os.getpid()}}\\n")
        time.sleep(seconds)
    run.__name__ = name
    return run

processes.load_everything = lambda: None
processes.sockets = lasting("sockets", 60)
processes.jobs = lasting("jobs", {jobs_last})
processes.news = lasting("news", 60)
sys.exit(processes.main())
"""


def family(pids: Path, *, jobs_last: float) -> subprocess.Popen[bytes]:
    code = FAMILY.format(jobs_last=jobs_last)
    return subprocess.Popen([sys.executable, "-c", code, str(pids), "--sockets", "1", "--jobs", "1"], env=os.environ)


def started(pids: Path, processes: int = 3) -> dict[str, int]:
    """The latest of each name, when so many have been started."""
    for _ in range(600):
        lines = pids.read_text().splitlines() if pids.exists() else []
        if len(lines) == processes:
            return {name: int(pid) for name, pid in (line.split() for line in lines)}
        time.sleep(0.1)
    raise AssertionError("the processes did not start")


def is_alive(pid: int) -> bool:
    """One that has ended may stay in the table of processes until somebody asks for its exit code."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_one_that_ends_is_replaced(tmp_path: Path) -> None:
    parent = family(tmp_path / "pids", jobs_last=60)
    children = started(tmp_path / "pids")
    os.kill(children["jobs"], signal.SIGKILL)
    again = started(tmp_path / "pids", processes=4)
    assert again["jobs"] != children["jobs"]
    assert again["sockets"] == children["sockets"]
    parent.send_signal(signal.SIGTERM)
    assert parent.wait(timeout=60) == 0


def test_one_that_cannot_live_ends_all_of_them(tmp_path: Path) -> None:
    parent = family(tmp_path / "pids", jobs_last=0.1)
    assert parent.wait(timeout=60) == 1
    pids = [int(line.split()[1]) for line in (tmp_path / "pids").read_text().splitlines()]
    assert len(pids) == 2 + processes.QUICK_ENDS
    assert not any(is_alive(pid) for pid in pids)


def test_told_to_stop_it_ends_all_of_them(tmp_path: Path) -> None:
    parent = family(tmp_path / "pids", jobs_last=60)
    children = started(tmp_path / "pids")
    parent.send_signal(signal.SIGTERM)
    assert parent.wait(timeout=60) == 0
    assert not any(is_alive(pid) for pid in children.values())


def test_killed_it_takes_them_along(tmp_path: Path) -> None:
    parent = family(tmp_path / "pids", jobs_last=60)
    children = started(tmp_path / "pids")
    parent.kill()
    parent.wait(timeout=60)
    for _ in range(100):
        if not any(is_alive(pid) for pid in children.values()):
            break
        time.sleep(0.1)
    assert not any(is_alive(pid) for pid in children.values())


def test_nothing_to_run_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        processes.parse([])
    assert "--web, --sockets or --jobs" in capsys.readouterr().err


def test_every_job_stands_in_a_queue_that_a_process_works_on() -> None:
    ours = [task for name, task in app.tasks.items() if "builtin" not in name]
    assert {task.queue for task in ours} == set(QUEUES)
