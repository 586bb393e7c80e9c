"""The tables, as typed SQLAlchemy models. Public: any program may map the same database with them."""

from tokentui.models.access_log import LoggedHour, LoggedRequest
from tokentui.models.audit import AuditEntry
from tokentui.models.base import EPOCH, LATEST, Base, UtcDateTime, from_micros, to_micros
from tokentui.models.catalog import Extension, ExtensionModule, Module, ModulePath
from tokentui.models.meta import Epoch, Meta
from tokentui.models.secret import Secret
from tokentui.models.token import Status, Token, TokenModule, status_is, status_of, status_rank
from tokentui.models.usage import Usage

__all__ = [
    "EPOCH",
    "LATEST",
    "AuditEntry",
    "Base",
    "Epoch",
    "Extension",
    "ExtensionModule",
    "LoggedHour",
    "LoggedRequest",
    "Meta",
    "Module",
    "ModulePath",
    "Secret",
    "Status",
    "Token",
    "TokenModule",
    "Usage",
    "UtcDateTime",
    "from_micros",
    "status_is",
    "status_of",
    "status_rank",
    "to_micros",
]
