"""A token, and lines of an access log of it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.factories import FrozenClock, make_token
from tokentui.context import Context
from tokentui.records import Issued
from tokentui.usage.access_log.ingest import IngestResult, ingest

Line = Callable[..., str]


@pytest.fixture
def issued(context: Context) -> Issued:
    return make_token(context)


@pytest.fixture
def line(issued: Issued, clock: FrozenClock) -> Line:
    """A line of its own request, at the clock's moment."""

    def make(status: int = 200, *, at: datetime | None = None, **fields: Any) -> str:
        whole = {
            "time": f"{(at or clock.moment).timestamp():.3f}",
            "request": os.urandom(16).hex(),
            "token": issued.token.label,
            "status": str(status),
            "client": "203.0.113.9",
        }
        return json.dumps(whole | fields)

    return make


def ingest_lines(context: Context, *lines: str) -> IngestResult:
    """What became of the lines."""
    result = IngestResult()
    ingest(context, enumerate(lines, 1), result)
    return result
