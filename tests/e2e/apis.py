"""An API that checks keys itself, with the program beside it: asked by many at once, and its counts compared."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Event, Thread, local
from typing import Any

import httpx

from tests.e2e.conftest import PROGRAM, Installed
from tests.e2e.servers import Server, eventually, free_ports, running

ANSWERS = {
    "/agreements/": 200,
    "/agreements/export": 200,
    "/agreements/moved": 301,
    "/agreements/none": 404,
    "/products": 403,
    "/agreements/fails": 500,
}
"""What the examples answer to a token with Agreements alone."""


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
        found: dict[str, int] = self.program.json("stats", *token, "--days", "2")["totals"]
        return found

    def counted(self, *token: str) -> int:
        """All classes together."""
        return sum(self.totals(*token).values())

    def client(self) -> Client:
        """A connection of its own."""
        return Client(self.port, self.answers)

    def workers(self, key: str, number: int) -> dict[int, Client]:
        """Connections to as many processes, by the number of the process."""
        found: dict[int, Client] = {}

        def ask(_: int) -> tuple[int, Client]:
            client = self.client()
            return client.get("/agreements/whoami", key).json()["process"], client

        def enough() -> bool:
            with ThreadPoolExecutor(8) as pool:
                found.update(pool.map(ask, range(8)))
            return len(found) >= number

        eventually(enough, f"answers of {number} processes")
        return found

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
    """Clients that ask without a pause until the server is gone, each counting what it received.

    A connection that uvicorn accepts in the moment in which it closes the others is served for as long as somebody
    asks over it. So each client leaves on its own some answers after `leave`.
    """

    def __init__(self, api: Api, key: str, clients: int) -> None:
        self._api, self._key = api, key
        self._received = [0] * clients
        self._leaving = Event()
        self.failed = 0
        self.other: list[int] = []
        self._threads = [Thread(target=self._ask, args=(each,)) for each in range(clients)]
        for thread in self._threads:
            thread.start()

    @property
    def received(self) -> int:
        """Whole answers; `other` has those that were not 200."""
        return sum(self._received)

    def leave(self) -> None:
        """Lets all ask a hundred times more, in the background."""
        self._leaving.set()

    def join(self) -> None:
        """Waits until nobody asks any more."""
        for thread in self._threads:
            thread.join()

    def _ask(self, place: int) -> None:
        client, left = self._api.client(), 100
        while left:
            left -= self._leaving.is_set()
            try:
                status = client.status("/agreements/", self._key)
            except httpx.ConnectError:
                return
            except httpx.TransportError:  # the connection was closed before, or while, it was answered
                self.failed += 1
                continue
            self._received[place] += 1
            if status != 200:
                self.other.append(status)
        client.http.close()


def check_every_answer_is_counted(api: Api, each: int, tokens: int = 4, stop: int = signal.SIGTERM) -> None:
    """Several tokens, every class of status, many at once, the server ended: the counts are what was asked, exactly."""
    made = [api.make() for _ in range(tokens)]
    wanted = [(token["key"], path) for token in made for path in ANSWERS for _ in range(each)]
    assert api.ask_all(wanted) == [ANSWERS[path] for _, path in wanted]
    assert api.client().status("/agreements/", None) == 401
    assert api.client().status("/agreements/", made[0]["key"][:-1]) == 401
    assert api.client().status("/healthz", None) == 200
    api.server.stop(stop)
    for token in made:
        assert api.totals(token["id"]) == {"2xx": 2 * each, "3xx": each, "4xx": 2 * each, "5xx": each}
    assert api.counted() == len(api.answers)
    assert not [token["id"] for token in made if token["key"].partition(":")[2] in api.server.said()]


def check_the_life_of_a_token(api: Api, workers: int) -> None:
    """What the operator does counts in every process from the next request on."""
    made = api.make()
    token, key, program = made["id"], made["key"], api.program
    clients = list(api.workers(key, workers).values())

    def seen(shown: str, path: str = "/agreements/") -> set[int]:
        return {client.status(path, shown) for client in clients}

    assert seen(key, "/products") == {403}
    for _ in range(2):
        program.run("disable", token)
        assert seen(key) == {401}
        program.run("enable", token)
        assert seen(key) == {200}
    fresh = program.json("rotate", token, "--overlap", "1h")["key"]
    assert (seen(key), seen(fresh)) == ({200}, {200})
    last = program.json("rotate", token, "--overlap", "0")["key"]
    assert (seen(key), seen(fresh), seen(last)) == ({401}, {401}, {200})
    after = program.json("rotate", token, "--overlap", "1s")["key"]
    assert seen(after) == {200}
    eventually(lambda: seen(last) == {401}, "the end of the overlap")
    program.run("disable", token)
    assert seen(after) == {401}


def check_a_stop_under_load(api: Api, clients: int = 8) -> None:
    """Every answer that a client received is counted; none twice."""
    before = api.counted()
    crowd = Crowd(api, api.make()["key"], clients)
    eventually(lambda: crowd.received > 200, "some load")
    crowd.leave()
    api.server.stop()
    crowd.join()
    counted = api.counted() - before
    assert crowd.other == []
    assert crowd.received <= counted <= crowd.received + crowd.failed


def check_a_killed_worker(api: Api) -> None:
    """It loses at most what it answered since its last flush; the others and the one after it lose nothing."""
    key = api.make()["key"]
    found = api.workers(key, 2)
    process, client = found.popitem()
    for _ in range(20):
        client.status("/agreements/", key)
    written = len(api.answers)
    eventually(lambda: api.counted() == written, "the counts", within=3)
    for _ in range(20):
        client.status("/agreements/", key)
    os.kill(process, signal.SIGKILL)
    eventually(lambda: not Path(f"/proc/{process}").exists(), "the end of the worker")
    others = [(key, "/agreements/")] * 40
    assert set(api.ask_all(others)) == {200}
    api.server.stop()
    assert len(api.answers) - 20 <= api.counted() <= len(api.answers)


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


def documented(target: str) -> list[str]:
    """The example's own command, as in its README; what is installed is not installed again."""
    return ["make", "-o", ".venv/.ready", f"BIN={PROGRAM.parent}", target, "PORT={port}"]
