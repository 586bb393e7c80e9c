"""What services give: frozen rows, safe to hand between threads, with nothing of the ORM and no secret in them.

Each is imported when it is first asked for: making a dozen frozen dataclasses takes a twentieth of the time until the
app's first frame, which needs one.
"""

from typing import TYPE_CHECKING

from tokentui.late_imports import late_imports

if TYPE_CHECKING:
    from tokentui.models.damaged import DamagedMoment  # services and screens name these two from here
    from tokentui.models.status import Status
    from tokentui.records.audit import AuditRecord
    from tokentui.records.bulk import BulkRefusal, BulkResult, Plan
    from tokentui.records.catalog import Catalog, ExtensionRecord, ModuleRecord
    from tokentui.records.changes import Issued, NewToken, Revealed, SecretRecord, TokenChanges
    from tokentui.records.info import TokenInfo
    from tokentui.records.token import Action, TokenRecord

__all__ = [
    "Action",
    "AuditRecord",
    "BulkRefusal",
    "BulkResult",
    "Catalog",
    "DamagedMoment",
    "ExtensionRecord",
    "Issued",
    "ModuleRecord",
    "NewToken",
    "Plan",
    "Revealed",
    "SecretRecord",
    "Status",
    "TokenChanges",
    "TokenInfo",
    "TokenRecord",
]

__getattr__ = late_imports(
    __name__,
    {
        "tokentui.models.damaged": ("DamagedMoment",),
        "tokentui.models.status": ("Status",),
        "tokentui.records.audit": ("AuditRecord",),
        "tokentui.records.bulk": ("BulkRefusal", "BulkResult", "Plan"),
        "tokentui.records.catalog": ("Catalog", "ExtensionRecord", "ModuleRecord"),
        "tokentui.records.changes": ("Issued", "NewToken", "Revealed", "SecretRecord", "TokenChanges"),
        "tokentui.records.info": ("TokenInfo",),
        "tokentui.records.token": ("Action", "TokenRecord"),
    },
)
