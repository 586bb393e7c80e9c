"""An API that checks keys itself, with the program beside it and many who ask it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Event, Thread, local
from typing import Any

import httpx

from tests.e2e.conftest import PROGRAM, Installed
from tests.e2e.servers import ROOT, Server, eventually, free_ports, running


class Client:
    """One connection, kept for as long as the server keeps it. It notes each answer that counts to a token."""

    def __init__(self, port: int, answers: list[str]) -> None:
        self._answers = answers
        # verify: plain HTTP needs no TLS context, and to make one takes as long as many requests.
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, verify=False)

    def get(self, path: str, key: str | None) -> httpx.Response:
        answer = self.http.get(path, headers={"Authorization": f"ApiKey {key}"} if key else {})
        if key and answer.status_code != 401:
            self._answers.append(path)
        return answer

    def status(self, path: str, key: str | None) -> int:
        return self.get(path, key).status_code


class Api:
    """A running API."""

    def __init__(self, program: Installed, server: Server, port: int) -> None:
        self.program, self.server, self.port = program, server, port
        self.answers: list[str] = []

    def make(self) -> dict[str, Any]:
        """A new token for Agreements, with its key."""
        made: dict[str, Any] = self.program.json("create", "--name", "Ürün", "--module", "agreements")
        return made

    def totals(self, *token: str) -> dict[str, int]:
        """What is counted; yesterday's too, as midnight may pass."""
        totals: dict[str, int] = self.program.json("stats", *token, "--days", "2")["totals"]
        return totals

    def counted(self, *token: str) -> int:
        """All classes together."""
        return sum(self.totals(*token).values())

    def client(self) -> Client:
        """A connection of its own."""
        return Client(self.port, self.answers)

    def workers(self, key: str, number: int) -> dict[int, Client]:
        """Connections to as many processes, by the number of the process."""
        clients: dict[int, Client] = {}

        def ask(_: int) -> tuple[int, Client]:
            client = self.client()
            return client.get("/agreements/whoami", key).json()["process"], client

        def enough() -> bool:
            with ThreadPoolExecutor(8) as pool:
                clients.update(pool.map(ask, range(8)))
            return len(clients) >= number

        eventually(enough, f"answers of {number} processes")
        return clients

    def ask_all(self, wanted: Iterable[tuple[str, str]], clients: int = 8) -> list[int]:
        """The statuses of (key, path), asked over so many connections at once."""
        mine = local()

        def ask(request: tuple[str, str]) -> int:
            if not hasattr(mine, "client"):
                mine.client = self.client()
            status: int = mine.client.status(request[1], request[0])
            if status == 500:  # uvicorn closes a connection whose application raised, without saying so
                mine.client = self.client()
            return status

        with ThreadPoolExecutor(clients) as pool:
            return list(pool.map(ask, wanted))


Start = Callable[..., AbstractContextManager[Api]]


class Crowd:
    """Clients that ask without a pause until the server is gone, keeping the status of each whole answer.

    A connection that uvicorn accepts in the moment in which it closes the others is served for as long as somebody
    asks over it. So each client leaves on its own some answers after `leave`.
    """

    def __init__(self, api: Api, key: str, clients: int) -> None:
        self._api, self._key = api, key
        self._leaving = Event()
        self.statuses: list[int] = []
        self.failures: list[Exception] = []
        self._threads = [Thread(target=self._ask) for _ in range(clients)]
        for thread in self._threads:
            thread.start()

    def leave(self) -> None:
        """Lets all ask a hundred times more, in the background."""
        self._leaving.set()

    def join(self) -> None:
        """Waits until nobody asks any more."""
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        client, left = self._api.client(), 100
        while left:
            left -= self._leaving.is_set()
            try:
                status = client.status("/agreements/", self._key)
            except httpx.ConnectError:
                return
            except httpx.TransportError as error:  # the connection was closed before, or while, it was answered
                self.failures.append(error)
                continue
            self.statuses.append(status)
        client.http.close()


def starter(place: Path) -> Start:
    """What starts an API, on a database with one token, by a command in which {port} stands for the port."""
    program = Installed(place)
    del program.environment["TOKENTUI_DB"]
    program.run("create", "--name", "First", "--all-modules")

    @contextmanager
    def start(*command: str | Path) -> Iterator[Api]:
        port = free_ports(1)[0]
        parts = [str(part).replace("{port}", str(port)) for part in command]
        with running(parts, program.environment, place / "server.log", port) as server:
            yield Api(program, server, port)

    return start


def documented(example: str) -> list[str]:
    """The example's command, as its README says; what is installed is not installed again."""
    command = re.search(r"^make (\S+)", readme(example), re.MULTILINE)
    assert command is not None
    return ["make", "-o", ".venv/.ready", f"BIN={PROGRAM.parent}", command[1], "PORT={port}"]


def readme(example: str) -> str:
    """What its README says."""
    return (ROOT / "examples" / example / "README.md").read_text()
