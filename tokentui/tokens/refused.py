"""Attempts that are refused stand in the audit too: who tried to show a key that may not be shown, say."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from tokentui import audit
from tokentui.context import Context
from tokentui.errors import TokentuiError, WrongState
from tokentui.tokens.policy import OutsidePolicy

_P = ParamSpec("_P")
_R = TypeVar("_R")
_Service = Callable[Concatenate[Context, _P], _R]


def refusals_recorded(action: str) -> Callable[[_Service[_P, _R]], _Service[_P, _R]]:
    """For a service whose second argument may be a token's ID: an entry where state or policy refuses `action`.

    In a transaction of its own, as the service's is rolled back. Where that entry can't be written, the refusal is
    raised all the same.
    """

    def decorate(service: _Service[_P, _R]) -> _Service[_P, _R]:
        @wraps(service)
        def run(context: Context, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
            try:
                return service(context, *args, **kwargs)
            except (WrongState, OutsidePolicy) as error:
                first = args[0] if args else kwargs.get("token_id")
                with suppress(TokentuiError):
                    _record(context, action, first if isinstance(first, int) else None, error.message)
                raise

        return run

    return decorate


def _record(context: Context, action: str, token_id: int | None, reason: str) -> None:
    with context.database.write() as session:
        audit.record(session, context, "refused", token_id, {"attempt": (None, action), "reason": (None, reason)})
        session.commit()
