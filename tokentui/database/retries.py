"""Runs a transaction again that the server ended because it could not go on beside others."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from tokentui.errors import TransactionAborted

ATTEMPTS = 6
"""How often a service is run at most; the waits between grow from 10 to 160 ms, half of each by chance."""

_FIRST_WAIT_S = 0.01

_P = ParamSpec("_P")
_R = TypeVar("_R")


def retried(service: Callable[_P, _R]) -> Callable[_P, _R]:
    """A service that is one transaction, tried again after a deadlock or a serialisation failure.

    It must begin its transaction itself, and do nothing outside of it that can't be done twice. Raises
    TransactionAborted after `ATTEMPTS`, and everything else at once.
    """

    @wraps(service)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        for attempt in range(ATTEMPTS - 1):
            try:
                return service(*args, **kwargs)
            except TransactionAborted:
                time.sleep(_FIRST_WAIT_S * 2**attempt * random.uniform(0.5, 1))  # noqa: S311 - only to part the two
        return service(*args, **kwargs)

    return run
