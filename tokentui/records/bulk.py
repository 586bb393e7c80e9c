"""An action on many tokens, before and after."""

from __future__ import annotations

from dataclasses import dataclass

from tokentui.records.changes import Issued
from tokentui.records.token import Action, TokenRecord


@dataclass(frozen=True, slots=True)
class BulkRefusal:
    """Why an action leaves a token alone. `name` is empty where there is no such token."""

    id: int
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What an action would do: to these tokens, and not to those."""

    action: Action
    tokens: tuple[TokenRecord, ...]
    refused: tuple[BulkRefusal, ...]


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What an action did. `issued` holds the new keys of a rotation."""

    action: Action
    done: tuple[int, ...]
    refused: tuple[BulkRefusal, ...]
    issued: tuple[Issued, ...] = ()
