"""The fields of the filter language: what each compares, an example, and the values that can be offered.

One table for the parser's errors, the help, and completion in the app and in shells.
"""

from __future__ import annotations

from dataclasses import dataclass

from tokentui.records import Status


@dataclass(frozen=True, slots=True)
class FilterField:
    """A field as it is typed, `name:value`.

    `values` are offered as they are typed; for `ext` and `module` they come from the catalogue. `lists` says whether a
    comma in the value means or.
    """

    name: str
    example: str
    meaning: str
    values: tuple[str, ...] = ()
    lists: bool = False


FIELDS: tuple[FilterField, ...] = (
    FilterField("status", "status:expiring", "what it is now", tuple(Status), lists=True),
    FilterField("ext", "ext:zapier", "the extension, by slug or code", lists=True),
    FilterField("module", "module:helpdesk", "may use the module; a token with all modules counts", lists=True),
    FilterField("owner", "owner:billing", "who answers for it begins so", lists=True),
    FilterField("name", "name:export", "the name holds this", lists=True),
    FilterField("id", "id:631-646", "the ID holds these digits", lists=True),
    FilterField("external", "external:crm-7", "the external ID holds this", lists=True),
    FilterField("by", "by:alice", "who made or last changed it", lists=True),
    FilterField("created", "created:<7d", "when it was made", ("<1d", "<7d", "<30d", ">30d", ">1y")),
    FilterField("expires", "expires:<7d", "when it expires", ("<1d", "<7d", "<30d", ">30d", "never")),
    FilterField("unused", "unused:>90d", "not used for so long", (">7d", ">30d", ">90d", ">1y")),
    FilterField("rotated", "rotated:>90d", "when its newest secret was made", ("<7d", "<30d", ">90d", ">1y")),
    FilterField("requests", "requests:>1000", "responses of the last 30 days", (">0", ">1000", "0")),
    FilterField("errors", "errors:>10", "4xx and 5xx of the last 30 days", (">0", ">10", ">100")),
    FilterField("network", "network:any", "from where it may be used: anywhere, or limited", ("any", "limited")),
    FilterField("overlap", "overlap:yes", "an old key still works", ("yes", "no")),
)

BY_NAME = {field.name: field for field in FIELDS}
