"""What holds for every API that checks keys itself, whatever it is written in and served by."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
from pathlib import Path

from tests.e2e.apis import Api, Crowd, readme
from tests.e2e.conftest import PROGRAM
from tests.e2e.servers import eventually

ANSWERS = {
    "/agreements/": 200,
    "/agreements/export": 200,
    "/agreements/moved": 301,
    "/agreements/none": 404,
    "/products": 403,
    "/agreements/fails": 500,
}
"""What the examples answer to a token with Agreements alone."""


TRICKS = (
    "/agreements/../products", "/agreements/./../products", "/agreements/%2e%2e/products", "/agreements/.%2E/products",
    "/agreements%2f..%2fproducts", "/agreements/..%2fproducts", "/agreements/%252e%252e/products",
    "/agreements\\..\\products", "/agreements/..;/products", "/agreements/..;x/products", "/agreements//../products",
    "/agreements;/../products", "//products", "/./products", "/products;x=1", "/products/",
    "/products?a=/agreements/", "/Products", "/PRODUCTS", "/%70roducts", "/products%3Fx", "/products%00",
    "http://{host}/products", "http://{host}/agreements/../products", "http://{host}//products", "products", "*",
)  # fmt: skip


def no_trick_reaches_another_module(port: int, key: str) -> list[str]:
    """Sent as written: a client that tidies paths up would hide the trick. Returns what was not the server's own no."""
    counted = []

    def ask(target: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", target, headers={"Authorization": f"ApiKey {key}"})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status != 400:
            counted.append(target)
        return answer.status, body

    for trick in TRICKS:
        assert ask(trick.replace("{host}", f"127.0.0.1:{port}"))[0] in (400, 403), trick
    # Some servers end the path at a fragment, for the gate as well as for the application.
    answer = ask("/agreements#/../products")
    assert answer[0] in (400, 403) or answer == ask("/agreements"), answer
    return counted


def every_answer_is_counted(api: Api, requests: int, tokens: int = 4) -> None:
    """Several tokens, every class of status, many at once, the server ended: the counts are what was asked, exactly."""
    made = [api.make() for _ in range(tokens)]
    wanted = [(token["key"], path) for token in made for path in ANSWERS for _ in range(requests)]
    assert api.ask_all(wanted) == [ANSWERS[path] for _, path in wanted]
    assert api.client().status("/agreements/", None) == 401
    assert api.client().status("/agreements/", made[0]["key"][:-1]) == 401
    assert api.client().status("/healthz", None) == 200
    api.server.stop()
    for token in made:
        assert api.totals(token["id"]) == {"2xx": 2 * requests, "3xx": requests, "4xx": 2 * requests, "5xx": requests}
    assert api.counted() == len(api.answers)
    assert not [token["id"] for token in made if token["key"].partition(":")[2] in api.server.said()]


def the_life_of_a_token(api: Api, workers: int) -> None:
    """What the operator does counts in every process from the next request on."""
    made = api.make()
    token, key, program = made["id"], made["key"], api.program
    clients = list(api.workers(key, workers).values())

    def seen(shown: str, path: str = "/agreements/") -> set[int]:
        return {client.status(path, shown) for client in clients}

    assert seen(key, "/products") == {403}
    api.answers += no_trick_reaches_another_module(api.port, key)
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


def a_stop_under_load(api: Api, clients: int = 8) -> None:
    """Every answer that a client received is counted; none twice."""
    before = api.counted()
    crowd = Crowd(api, api.make()["key"], clients)
    eventually(lambda: len(crowd.statuses) > 200, "some load")
    crowd.leave()
    api.server.stop()
    crowd.join()
    counted = api.counted() - before
    assert set(crowd.statuses) == {200}
    assert len(crowd.statuses) <= counted <= len(crowd.statuses) + len(crowd.failures)


def a_killed_worker(api: Api) -> None:
    """It loses at most what it answered since its last flush; the others and the one after it lose nothing."""
    key = api.make()["key"]
    workers = api.workers(key, 2)
    process, client = workers.popitem()
    for _ in range(20):
        client.status("/agreements/", key)
    written = len(api.answers)
    eventually(lambda: api.counted() == written, "the counts")
    for _ in range(20):
        client.status("/agreements/", key)
    os.kill(process, signal.SIGKILL)
    eventually(lambda: not Path(f"/proc/{process}").exists(), "the end of the worker")
    others = [(key, "/agreements/")] * 40
    assert set(api.ask_all(others)) == {200}
    api.server.stop()
    assert len(api.answers) - 20 <= api.counted() <= len(api.answers)


def the_readme(api: Api, example: str) -> None:
    """Its curl commands answer what it says."""
    token = api.make()["id"]
    environment = {**api.program.environment, "PATH": f"{PROGRAM.parent}:{api.program.environment['PATH']}"}
    commands = re.findall(r"^.*\bcurl .*$", readme(example), re.MULTILINE)
    answers = []
    for command in commands:
        line = re.sub(r"(?<=:)\d{4}(?=/)", str(api.port), command.replace(" ID ", f" {token} "))
        done = subprocess.run(["sh", "-c", line], env=environment, capture_output=True, text=True, timeout=60)
        answers.append(done.stdout.split()[1])
        api.answers += [line] * ("tokentui key" in line)
    assert answers == ["200", "200", "403", "200"]
