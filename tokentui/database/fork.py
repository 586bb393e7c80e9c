"""What happens when this process forks, in one place.

A connection must be neither used nor closed in a child that inherited it: SQLite there believes that it holds the
locks of each connection of the parent, and holds none. A lock that another thread held at the moment of the fork is
never released in the child. So whoever has connections or locks registers here. Before a fork they are all prepared,
floor by floor from the top; after it they go on, from the bottom up. Two threads that fork take turns.
"""

from __future__ import annotations

import logging  # before the registration below: what logging does at a fork then comes after ours
import os
import threading
import weakref
from collections.abc import Callable
from enum import IntEnum
from typing import Protocol

_LOG = logging.getLogger(__name__)


class Floor(IntEnum):
    """The order in which participants are prepared: each may still use those of the floors below it."""

    GATE = 0
    RECORDER = 1
    WAL_INDEX = 2
    DATABASE = 3


class Participant(Protocol):
    """What acts at a fork. It is registered with a weak reference: it does not have to say that it is gone."""

    def before_fork(self) -> None:
        """In the parent: closes connections, and takes the locks that must be free in the child."""

    def after_fork_in_parent(self) -> None:
        """In the parent, once the child is there: releases what `before_fork` took."""

    def after_fork_in_child(self) -> None:
        """In the child, which has this thread alone: begins anew with connections and locks of its own."""


_lock = threading.Lock()
"""Held by a thread from before its fork until after it, and by whoever registers."""

_participants: dict[Floor, weakref.WeakSet[Participant]] = {floor: weakref.WeakSet() for floor in Floor}
_prepared: list[Participant] = []


def register(participant: Participant, floor: Floor) -> None:
    """Lets it act at each fork from now on, as long as it lives."""
    with _lock:
        _participants[floor].add(participant)


def _before() -> None:
    _lock.acquire()
    for floor in Floor:
        for participant in list(_participants[floor]):
            _prepared.append(participant)
            _act(participant.before_fork)


def _after_in_parent() -> None:
    while _prepared:
        _act(_prepared.pop().after_fork_in_parent)
    _lock.release()


def _after_in_child() -> None:
    while _prepared:
        _act(_prepared.pop().after_fork_in_child)
    _lock.release()


def _act(action: Callable[[], None]) -> None:
    """One that fails must not keep the others from acting: Python would go on with the fork all the same."""
    try:
        action()
    except Exception:
        _LOG.exception("a fork could not be prepared, or followed, as it should be")


os.register_at_fork(before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child)
