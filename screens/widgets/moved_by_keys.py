"""What a widget with a cursor says of the keys that move it: the next one need not wait for what the last has drawn."""

from __future__ import annotations

from typing import ClassVar

from tokentui.screens.command import Place


class MovedByKeys:
    """Mixed into a widget whose cursor is moved by the keys of a place, many a second; they open nothing."""

    MOTIONS_OF: ClassVar[Place]

    @property
    def mover(self) -> object:
        """Who has the actions of these keys."""
        raise NotImplementedError
