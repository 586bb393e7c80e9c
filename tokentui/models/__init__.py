"""The tables, as typed SQLAlchemy models. Public: any program may map the same database with them."""

from tokentui.models.access_log import LoggedHour, LoggedLine
from tokentui.models.audit import AuditEntry
from tokentui.models.base import (
    EPOCH,
    LATEST,
    Base,
    Bytes,
    Flag,
    IgnoringCase,
    PlainText,
    UtcDateTime,
    from_micros,
    to_micros,
)
from tokentui.models.catalog import Extension, ExtensionModule, Module, ModulePath
from tokentui.models.damaged import Damaged, DamagedMoment, DamagedText
from tokentui.models.meta import Epoch, Meta
from tokentui.models.secret import Secret
from tokentui.models.token import Status, Token, TokenModule, status_is, status_of
from tokentui.models.usage import SLOT, SLOTS_A_DAY, Usage, slot_of, slot_start

__all__ = [
    "EPOCH",
    "LATEST",
    "SLOT",
    "SLOTS_A_DAY",
    "AuditEntry",
    "Base",
    "Bytes",
    "Damaged",
    "DamagedMoment",
    "DamagedText",
    "Epoch",
    "Extension",
    "ExtensionModule",
    "Flag",
    "IgnoringCase",
    "LoggedHour",
    "LoggedLine",
    "Meta",
    "Module",
    "ModulePath",
    "PlainText",
    "Secret",
    "Status",
    "Token",
    "TokenModule",
    "Usage",
    "UtcDateTime",
    "from_micros",
    "slot_of",
    "slot_start",
    "status_is",
    "status_of",
    "to_micros",
]
