"""What others commit on a server reaches an open app within a second, also after the server was away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.factories import make_token
from tests.postgres import IS_INSTALLED, NOT_INSTALLED, running_cluster
from tokentui import catalog
from tokentui.context import Actor, Context, make_home
from tokentui.database.database import open_database
from tokentui.models import Usage
from tokentui.records import Action
from tokentui.settings import load
from tokentui.tokens import bulk, secrets
from tokentui.ui.watcher import Watcher

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(not IS_INSTALLED, reason=NOT_INSTALLED)]

WITHIN_S = 1.0


def count(context: Context, token_id: int) -> None:
    """As a gate does."""
    with context.database.write() as session:
        session.merge(Usage(token_id=token_id, slot=1, success=1))
        session.commit()


def test_news_of_others(tmp_path: Path) -> None:
    """Of each kind of change; what is wrong meanwhile is said, and so is that it is over."""
    with running_cluster() as server:
        settings = load({"HOME": str(tmp_path), "TOKENTUI_HOME": str(tmp_path / "home"), "TOKENTUI_DB": server.url()})
        make_home(settings)
        contexts = [Context(open_database(settings.database_url), settings, Actor("a"), environ={}) for _ in range(2)]
        catalog.seed(contexts[0])
        other = contexts[1]
        number = make_token(other).token.id
        changed, problems = threading.Event(), list[str]()
        watcher = Watcher(contexts[0].database, changed.set, problems.append)
        watcher.look()
        watcher.start()
        changes: tuple[Callable[[], object], ...] = (
            lambda: make_token(other),
            lambda: bulk.apply(other, Action.DISABLE, [number]),
            lambda: secrets.reveal_keys(other, number),
            lambda: count(other, number),
        )
        for change in changes:
            changed.clear()
            change()
            assert changed.wait(WITHIN_S)
        server.stop("immediate")
        until = time.monotonic() + 10
        while not problems and time.monotonic() < until:
            time.sleep(0.02)
        assert len(problems) == 1
        changed.clear()
        server.start()
        assert changed.wait(10)  # what came meanwhile may have been missed
        assert problems[1:] == [""]
        changed.clear()
        make_token(other)
        assert changed.wait(WITHIN_S)
        watcher.stop()
        for context in contexts:
            context.close()
