"""The tables, as typed SQLAlchemy models. Public: any program may map the same database with them.

They are mapped when the first name is asked for: the app's first frame does not wait for SQLAlchemy.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokentui.models.access_log import LoggedHour, LoggedLine
    from tokentui.models.audit import AuditEntry
    from tokentui.models.base import Base, Bytes, Flag, IgnoringCase, PlainText, UtcDateTime
    from tokentui.models.catalog import Extension, ExtensionModule, Module, ModulePath
    from tokentui.models.damaged import Damaged, DamagedMoment, DamagedText
    from tokentui.models.meta import Epoch, Meta
    from tokentui.models.moments import EPOCH, LATEST, from_micros, to_micros
    from tokentui.models.notice import OutboxNotice
    from tokentui.models.secret import KeyForm, Secret
    from tokentui.models.slots import SLOT, SLOTS_A_DAY, slot_of, slot_start
    from tokentui.models.status import Status, status_of
    from tokentui.models.token import Token, TokenModule, status_is
    from tokentui.models.usage import Usage

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
    "KeyForm",
    "LoggedHour",
    "LoggedLine",
    "Meta",
    "Module",
    "ModulePath",
    "OutboxNotice",
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


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from tokentui.models import tables

    for module in tables.MODULES:
        globals().update({exported: value for exported, value in vars(module).items() if exported in __all__})
    return globals()[name]
