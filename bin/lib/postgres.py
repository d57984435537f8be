"""A private PostgreSQL with PostGIS: its own data folder, a socket and a port of 127.0.0.1, nothing of the machine's."""

import shutil
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg

from bin.lib.account import give, named_after, service_folder, unprivileged
from bin.lib.environment import free_port, is_free

OWNER = "guildhall"
EXTENSIONS = ["postgis", "pg_trgm", "citext", "unaccent", "btree_gist"]
LONGEST_SOCKET_FOLDER = 85  # the operating system allows about 107 characters for the whole path of a socket
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "random_page_cost": "1.1",
    "work_mem": "16MB",
    "jit": "off",
}
# For databases that are thrown away: a crash of the machine may lose them.
THROWAWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "1h",
}


class Postgres:
    def __init__(self, path: Path, password: str, *, throwaway: bool = False) -> None:
        self.path = path
        self.password = password
        self.settings = SETTINGS | (THROWAWAY_SETTINGS if throwaway else {})

    def start(self, wished_port: int = 0) -> None:
        """Start it, make it first if need be; nothing happens when it is running. Takes another port if the wished one is taken."""
        self.folder = service_folder(self.path)
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        short_enough = len(str(self.folder)) <= LONGEST_SOCKET_FOLDER
        self.socket_folder = self.folder if short_enough else service_folder(named_after(self.path, Path("/tmp")))
        if not self.data.exists():
            self._make()
        if not self._answers():
            self._forget_a_dead_server()
            self._launch(wished_port if wished_port and is_free(wished_port) else free_port())
        self._prepare()

    def stop(self) -> None:
        if self._answers():
            self._run("pg_ctl", "stop", "--pgdata", str(self.data), "--mode", "fast", "--wait")

    def crash(self) -> None:
        """Restart it without letting anybody finish, as after a power cut."""
        files = ["--pgdata", str(self.data), "--log", str(self.log)]
        port = ["--options", f"-p {self.port}"]
        self._run("pg_ctl", "restart", *files, *port, "--mode", "immediate", "--wait", "--silent")

    @property
    def port(self) -> int:
        """The port of the running server."""
        return int(self._pid_file_line(3))

    @property
    def pid(self) -> int:
        return int(self._pid_file_line(0))

    def url(self, database: str) -> str:
        place = urlencode({"host": self.socket_folder, "port": self.port}, safe="/")
        return f"postgres://{OWNER}:{quote(self.password)}@/{database}?{place}"

    def _pid_file_line(self, index: int) -> str:
        return (self.data / "postmaster.pid").read_text().splitlines()[index].strip()

    def _make(self) -> None:
        draft = self.folder / "data.unfinished"
        shutil.rmtree(draft, ignore_errors=True)
        password_file = self.folder / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(self.password)
        give(password_file)
        form = ["--username", OWNER, "--pwfile", str(password_file), "--auth", "scram-sha-256"]
        try:
            self._run("initdb", "--pgdata", str(draft), *form, "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync")
        finally:
            password_file.unlink()
        with (draft / "postgresql.conf").open("a") as config:
            settings = self.settings | {"unix_socket_directories": str(self.socket_folder)}
            config.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        draft.rename(self.data)

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(f"{self.socket_folder}/.s.PGSQL.{self.port}")
        except OSError:
            return False
        return True

    def _forget_a_dead_server(self) -> None:
        """After a crash, the process id that PostgreSQL noted may belong to another program by now, and it would not start."""
        pid_file = self.data / "postmaster.pid"
        if pid_file.exists() and not self._works_in_its_folder(self.pid):
            pid_file.unlink()
            for socket_file in self.socket_folder.glob(".s.PGSQL.*"):
                socket_file.unlink()

    def _works_in_its_folder(self, pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/cwd").readlink() == self.data
        except OSError:  # ended, or not ours
            return False

    def _launch(self, port: int) -> None:
        self.log.unlink(missing_ok=True)
        files = ["--pgdata", str(self.data), "--log", str(self.log)]
        self._run("pg_ctl", "start", *files, "--options", f"-p {port}", "--wait", "--silent")

    def _prepare(self) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [OWNER]).fetchone():
                return
        with psycopg.connect(self.url("template1"), autocommit=True) as template:
            for extension in EXTENSIONS:
                template.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {OWNER}")

    def _run(self, program: str, *arguments: str) -> None:
        command = unprivileged([str(self._programs() / program), *arguments])
        done = subprocess.run(command, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode:
            log = self.log.read_text() if self.log.exists() else ""
            sys.exit(f"PostgreSQL in {self.path}: {program} failed.\n{done.stdout}{done.stderr}{log[-2000:]}")

    def _programs(self) -> Path:
        """Where the server's programs are: of the version that made the data, or the newest that has PostGIS."""
        version_file = self.data / "PG_VERSION"
        version = version_file.read_text().strip() if version_file.exists() else "*"
        found = [
            Path("/usr/lib/postgresql", control.parts[-3], "bin")
            for control in Path("/usr/share/postgresql").glob(f"{version}/extension/postgis.control")
        ]
        if found:
            return max(found, key=lambda programs: int(programs.parts[-2]))
        if version == "*" and (initdb := shutil.which("initdb")):
            return Path(initdb).resolve().parent
        sys.exit(f"{self.path} needs PostgreSQL {version} with PostGIS, which is not installed (any more).")
