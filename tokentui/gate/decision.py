"""A decision is a value with its reason. The reason is for logs and operators; a caller learns the status alone."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from tokentui.records import TokenInfo


class Reason(StrEnum):
    """Why a request is let in or refused."""

    VALID = "valid"
    MALFORMED = "malformed"
    CHECKSUM = "checksum"
    UNKNOWN = "unknown"
    WRONG_SECRET = "wrong-secret"  # noqa: S105 - a reason, not a secret
    DELETED = "deleted"
    DISABLED = "disabled"
    EXPIRED = "expired"
    NETWORK = "network"
    MODULE = "module"


STATUS = {Reason.VALID: 200, Reason.NETWORK: 403, Reason.MODULE: 403}
"""The HTTP status of each reason; 401 for those that are not listed: none of them tells a caller which it was."""


class Decision(NamedTuple):
    """What the gate says of one request.

    `token` is there where the right secret was shown, `module` is the name of a missing one.
    """

    reason: Reason
    token: TokenInfo | None = None
    module: str | None = None

    @property
    def allowed(self) -> bool:
        """Whether the request goes on to the application."""
        return self.reason is Reason.VALID

    @property
    def status(self) -> int:
        """The HTTP status: 200, 401 or 403."""
        return STATUS.get(self.reason, 401)
