"""What two screens say to each other, through the app: screens never open one another."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from tokentui.errors import TokentuiError
from tokentui.listing.spec import ListSpec


@dataclass
class OpenToken(Message):
    """The details of a token are wanted."""

    token_id: int
    """The token's ID."""
    spec: ListSpec
    """The list it was opened from: what comes next and before it there."""
    tab: str = "general"
    """The tab to begin at: `general`, `statistics`, `permissions` or `history`."""


@dataclass
class OpenAudit(Message):
    """The audit of all tokens is wanted."""

    spec: ListSpec
    """The list that it is opened over: what comes next and before a token there."""


@dataclass
class MakeToken(Message):
    """The creation wizard is wanted."""

    spec: ListSpec
    """The list that it is opened over: what comes next and before the new token in its details."""


@dataclass
class TokenMade(Message, bubble=False):
    """A token was made. The app hands it to every screen; a list puts its cursor on it."""

    token_id: int
    """The token's ID."""


@dataclass
class EditToken(Message):
    """The edit form of a token is wanted."""

    token_id: int
    """The token's ID."""
    part: str = "general"
    """The part to begin at: `general` or `permissions`."""


@dataclass
class DatabaseState(Message, bubble=False):
    """The database can't be read any longer, or can again. The app hands it to every screen."""

    problem: str
    """Why not; empty where it can be read."""


class DatabaseOpened(Message):
    """The list was read for the first time from a database that the app has not opened before its first frame."""


@dataclass
class OpeningFailed(Message):
    """The database can't be opened: there is nothing that the app could show."""

    error: TokentuiError
    """Why not."""


class TokensChanged(Message, bubble=False):
    """Something was committed, here or in another process: what a screen shows may be out of date.

    The app hands it to every screen; it does not bubble, or each screen would hand it back to the app.
    """

    def can_replace(self, message: Message) -> bool:
        """Several in a row are one."""
        return isinstance(message, TokensChanged)
