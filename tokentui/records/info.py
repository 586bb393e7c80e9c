"""What the gate tells an application of a token."""

from __future__ import annotations

from typing import NamedTuple


class TokenInfo(NamedTuple):  # made in a third of a frozen dataclass's time, at each key that is not kept
    """What an application is told of the token. `modules` is `("*",)` for all modules.

    `number` and `secret` are the rows' keys, for counting.
    """

    id: str
    name: str
    external_id: str | None
    extension: str
    modules: tuple[str, ...]
    number: int = 0
    secret: int = 0
