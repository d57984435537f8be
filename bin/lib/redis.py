"""A private Redis on a port of 127.0.0.1. Keeps nothing on disk: all it holds may be lost."""

import socket
import subprocess
import sys
import time
from pathlib import Path

from bin.lib.account import service_folder, unprivileged
from bin.lib.environment import free_port, is_free


class Redis:
    def __init__(self, path: Path) -> None:
        self.path = path

    def start(self, wished_port: int = 0) -> None:
        """Start it; nothing happens when it is running. Takes another port if the wished one is taken."""
        self.folder = service_folder(self.path)
        self.log = self.folder / "log"
        self.port = wished_port
        if self._answers():
            return
        if not wished_port or not is_free(wished_port):
            self.port = free_port()
        self._launch()

    def stop(self) -> None:
        self._ask("SHUTDOWN NOSAVE")

    @property
    def pid(self) -> int:
        return int((self.folder / "pid").read_text())

    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def _launch(self) -> None:
        self.log.unlink(missing_ok=True)
        options = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "dir": str(self.folder),
            "pidfile": str(self.folder / "pid"),
            "logfile": str(self.log),
            "loglevel": "warning",
            "databases": "64",
            "save": "",
            "appendonly": "no",
            "daemonize": "yes",
        }
        arguments = [word for name, value in options.items() for word in (f"--{name}", value)]
        subprocess.run(unprivileged(["redis-server", *arguments]), cwd="/", check=True, stdin=subprocess.DEVNULL)
        for _ in range(100):
            if self._answers():
                return
            time.sleep(0.02)
        sys.exit(f"Redis in {self.path} did not start: see {self.log}.")

    def _answers(self) -> bool:
        """Ours answers on the port, not somebody else's."""
        return str(self.folder) in self._ask("CONFIG GET dir")

    def _ask(self, command: str) -> str:
        if not self.port:
            return ""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(f"{command}\r\n".encode())
                return connection.recv(4096).decode(errors="replace")
        except OSError:
            return ""
