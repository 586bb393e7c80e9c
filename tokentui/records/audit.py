"""An entry of the audit."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One entry of the audit. `changes`: field → (old, new), as JSON values. `damaged` as of a token."""

    id: int
    at: datetime
    actor: str
    origin: str
    action: str
    token_id: int | None
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    damaged: tuple[str, ...] = ()
