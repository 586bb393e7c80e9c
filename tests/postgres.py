"""A PostgreSQL server of the tests' own, on loopback, and a database in it for each test."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

BIN = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), Path("/nowhere"))
"""Where the newest installed server has its programs."""

IS_INSTALLED = (BIN / "initdb").exists()
_SHM = Path("/dev/shm")
"""In memory: each test makes a database."""

NOT_INSTALLED = "PostgreSQL is not installed (apt install postgresql)"


class Cluster:
    """A server with data of its own. It refuses to run as root, so root hands it to the user `postgres`."""

    def __init__(self, place: Path, *, auth: str = "trust") -> None:
        """`place` is an empty directory; `auth` is how a connection is let in (initdb's -A)."""
        self.place = place
        self._as_user: list[str] = []
        self._numbers = count(1)
        if os.getuid() == 0:
            shutil.chown(place, "postgres")
            self._as_user = ["runuser", "-u", "postgres", "--"]
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.port: int = listening.getsockname()[1]
        # Else both are the environment's, and a database in the C locale of a container could not hold every text.
        locale = ["-E", "UTF8", "--locale=C"]
        self._run([BIN / "initdb", "-D", place / "data", "-A", auth, "-U", "postgres", "-N", *locale])

    def start(self, *options: str) -> None:
        """Starts it and waits until it answers; `options` are settings of the server, `name=value`."""
        told = " ".join(f"-c {option}" for option in ("listen_addresses=127.0.0.1", "fsync=off", *options))
        self._control("-o", f"-p {self.port} -k {self.place} {told}", "-l", str(self.place / "log"), "start")

    def stop(self, mode: str = "fast") -> None:
        """Ends it; the mode `immediate` is as if it had been killed."""
        self._control("-m", mode, "stop")

    def url(self, database: str = "postgres", user: str = "postgres") -> str:
        """How the program names one of its databases."""
        return f"postgresql+psycopg://{user}@127.0.0.1:{self.port}/{database}"

    def run(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """A statement as its owner, by itself; the rows of it, if it has any."""
        import psycopg

        url = f"postgresql://postgres@127.0.0.1:{self.port}/{database}"
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def new_database(self, template: str = "template1", options: str = "") -> str:
        """A database of its own, a copy of the template; its name."""
        name = f"test_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY {options}")
        return name

    def drop(self, database: str) -> None:
        """Removes a database, whoever is connected to it."""
        self.run(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def _control(self, *arguments: str) -> None:
        self._run([BIN / "pg_ctl", "-D", self.place / "data", "-w", *arguments])

    def _run(self, command: list[str | Path]) -> None:
        whole = [*self._as_user, *map(str, command)]
        subprocess.run(whole, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")


@contextmanager
def running_cluster(*options: str) -> Iterator[Cluster]:
    """A server that runs, and is gone afterwards."""
    place = Path(tempfile.mkdtemp(prefix="tokentui-postgres-", dir=_SHM if os.access(_SHM, os.W_OK) else None))
    cluster = Cluster(place)
    cluster.start(*options)
    try:
        yield cluster
    finally:
        cluster.stop("immediate")
        shutil.rmtree(place, ignore_errors=True)
