"""From a token's row, as the database holds its values, to a `TokenRecord`.

Without SQLAlchemy, for the first page; and without the types of its columns for any page: to read each value by them
took longer than all else of a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from tokentui import addresses
from tokentui.crypto.key_format import ID_SPACE
from tokentui.models import moments
from tokentui.models.damaged import Damaged, DamagedMoment, DamagedText, read_moment
from tokentui.models.moments import EPOCH, LATEST, to_micros
from tokentui.models.status import status_of
from tokentui.records import TokenRecord

_TEXT: frozenset[type] = frozenset({str})
_TEXT_OR_NULL: frozenset[type] = frozenset({str, type(None)})
_WHOLE: frozenset[type] = frozenset({int})
_WHOLE_OR_NULL: frozenset[type] = frozenset({int, type(None)})
_FLAG: frozenset[type] = frozenset({int, bool})

FIELDS: dict[str, frozenset[type]] = {
    "id": _WHOLE,
    "name": _TEXT,
    "external_id": _TEXT_OR_NULL,
    "description": _TEXT,
    "owner": _TEXT,
    "extension_slug": _TEXT,
    "extension_name": _TEXT,  # NULL where there is no such extension
    "extension_code": _TEXT,
    "all_modules": _FLAG,
    "module_slugs": _TEXT_OR_NULL,  # with a space between
    "networks": _TEXT,
    "created_at": _WHOLE,
    "created_by": _TEXT,
    "updated_at": _WHOLE,
    "updated_by": _TEXT,
    "expires_at": _WHOLE,
    "disabled_at": _WHOLE_OR_NULL,
    "deleted_at": _WHOLE_OR_NULL,
    "last_used_at": _WHOLE,
    "last_used_from": _TEXT,
    "version": _WHOLE,
}
"""The values of a row, in this order, and of which types they are where the program wrote them."""

_MOMENTS = ("created_at", "updated_at", "expires_at", "disabled_at", "deleted_at", "last_used_at")
_HIGHEST = {"id": ID_SPACE - 1, "all_modules": 1} | dict.fromkeys(_MOMENTS, to_micros(LATEST))
_BOUNDS = tuple((name, place, _HIGHEST[name]) for place, name in enumerate(FIELDS) if name in _HIGHEST)
_NETWORKS = list(FIELDS).index("networks")


def to_record(row: Sequence[Any], *, now: datetime, expiring: timedelta) -> TokenRecord:
    """One row with the values of `FIELDS`; its status is that of `now`."""
    damaged = _damaged_fields(row)
    (
        token_id, name, external_id, description, owner, slug, extension, code, all_modules, modules, networks,
        created, created_by, updated, updated_by, expires, disabled, deleted, used, used_from, version,
    ) = _readable(row) if damaged else row  # fmt: skip
    expires_at, disabled_at, deleted_at = (
        read_moment(expires, never=LATEST),
        read_moment(disabled),
        read_moment(deleted),
    )
    used_at = read_moment(used, never=EPOCH)
    return TokenRecord(
        id=token_id,
        name=name,
        external_id=external_id,
        description=description,
        owner=owner,
        extension_slug=slug,
        extension_name=extension,
        extension_code=code,
        all_modules=all_modules == 1,
        modules=tuple(sorted(modules.split())) if modules else (),
        networks=tuple(networks.split()),
        status=status_of(
            deleted_at=deleted_at, disabled_at=disabled_at, expires_at=expires_at, now=now, expiring=expiring
        ),
        created_at=_certain(read_moment(created)),
        created_by=created_by,
        updated_at=_certain(read_moment(updated)),
        updated_by=updated_by,
        expires_at=expires_at,
        disabled_at=disabled_at,
        deleted_at=deleted_at,
        last_used_at=not_ahead(used_at, now),
        last_used_from=used_from,
        version=version,
        damaged=damaged,
        last_use_ahead=used_at if used_at and used_at > now else None,
    )


def not_ahead(moment: datetime | None, now: datetime) -> datetime | None:
    """`moments.not_ahead`; what is damaged stays, and is told as that."""
    return moment if isinstance(moment, Damaged) else moments.not_ahead(moment, now)


def _damaged_fields(row: Sequence[Any]) -> tuple[str, ...]:
    """The fields whose value is none that the program could have written."""
    damaged = _of_another_type(tuple(map(type, row)))
    damaged += tuple(
        name for name, place, highest in _BOUNDS if type(row[place]) is int and not 0 <= row[place] <= highest
    )
    networks = row[_NETWORKS]
    return (*damaged, "networks") if networks and not addresses.are_networks(networks) else damaged


@lru_cache(maxsize=256)
def _of_another_type(types: tuple[type, ...]) -> tuple[str, ...]:
    return tuple(name for (name, usual), given in zip(FIELDS.items(), types, strict=True) if given not in usual)


def _readable(row: Sequence[Any]) -> tuple[Any, ...]:
    """The row with a value that is safe to show in each field that is no moment: `read_moment` reads any value."""
    values = dict(zip(FIELDS, row, strict=True))
    if values["extension_name"] is None:
        values.update(extension_name=values["extension_slug"], extension_code="")
    for name, types in FIELDS.items():
        if str in types and not isinstance(values[name], tuple(types)):
            values[name] = DamagedText.decoded(values[name])
        elif name not in _MOMENTS and int in types and type(values[name]) not in types:
            values[name] = 0
    return tuple(values.values())


def _certain(moment: datetime | None) -> datetime:
    """A moment that each token has, or that NULL stands for."""
    return DamagedMoment.at(EPOCH, None) if moment is None else moment
