"""Believable tokens, the same for the same seed. Times are relative: days before (or after) the moment of the demo."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate
from random import Random
from typing import NamedTuple, TypeVar

from tokentui.crypto.key_format import ID_SPACE

T = TypeVar("T")

_MOST_REMEMBERED = 10_000


class Sample(NamedTuple):
    """One token to be made. Days count back from now for `created`, `disabled`, `deleted`; ahead for `expires`."""

    id: int
    name: str
    extension: str = "custom"
    modules: tuple[str, ...] = ()
    external_id: str | None = None
    description: str = ""
    owner: str = ""
    networks: tuple[str, ...] = ()
    by: str = "alice@10.0.0.5"
    created: float = 100
    expires: float | None = 90
    disabled: float | None = None
    deleted: float | None = None
    # Requests on a usual working day; 0: never used.
    daily: int = 0
    # The part of responses that are client errors.
    errors: float = 0.01
    # Days before now at which its traffic ended.
    silent: float = 0
    # Hours for which the secret before a rotation, made an hour ago, still works.
    overlap: float | None = None


CURATED: tuple[Sample, ...] = (
    Sample(
        631646036,
        "Tutorial Token",
        description="The Following Represents A Tutorial API Token",
        owner="Documentation",
        created=554,
        expires=0.89,
        daily=620,
        errors=0.02,
    ),
    Sample(
        160984311,
        "Billing export",
        "reports",
        external_id="ERP-4411",
        owner="Finance",
        created=326,
        expires=93,
        by="bob@10.0.0.7",
    ),
    Sample(
        4118902,
        "Old crm bridge",
        "zapier",
        external_id="crm-7",
        created=651,
        expires=-3,
        daily=90,
        silent=40,
        description="Replaced by the Flowgear workflow",
    ),
    Sample(
        207551940,
        "Nightly usage upload",
        modules=("usage", "subscriptions", "products"),
        external_id="JOB-0231",
        owner="data@example.com",
        networks=("203.0.113.0/24", "2001:db8:40::/48"),
        created=210,
        expires=155,
        daily=1440,
        errors=0.004,
        by="ci@build-3",
    ),
    Sample(
        588120473,
        "Reseller portal",
        modules=("agreements", "catalog", "customers", "subscriptions"),
        created=402,
        expires=None,
        daily=2600,
        errors=0.015,
        external_id="PORTAL-1",
        description="Production",
        owner="Portal team",
        networks=("203.0.113.0/25", "203.0.113.128/25"),
    ),
    Sample(
        714009265,
        "Helpdesk bot",
        modules=("helpdesk",),
        created=88,
        expires=4.2,
        daily=310,
        errors=0.03,
        description="Answers the first line at night",
        owner="Support",
        by="carol@10.0.0.9",
    ),
    Sample(
        92844107,
        "Marketplace sync",
        "flowgear",
        created=300,
        expires=61,
        daily=880,
        errors=0.02,
        external_id="FG-118",
        owner="Integrations",
    ),
    Sample(
        346710582,
        "Partner onboarding",
        modules=("partners", "account", "tier-config"),
        created=41,
        expires=49,
        daily=120,
        overlap=5,
        description="Rotated today; the old key runs out this afternoon",
        owner="Partner desk",
    ),
    Sample(
        871236604,
        "Tier config reader",
        modules=("tier-config",),
        created=133,
        expires=47,
        disabled=9,
        daily=75,
        by="bob@10.0.0.7",
        owner="Integrations",
        description="Disabled: too many 403s, waiting for the vendor",
    ),
    Sample(
        415287739, "Warehouse import", "reports", created=505, expires=-61, daily=200, silent=61, external_id="DWH-2"
    ),
    Sample(
        53390018,
        "Intern's experiment",
        modules=("products",),
        created=29,
        expires=1,
        deleted=2,
        daily=12,
        by="dave@10.0.0.31",
    ),
    Sample(
        690471158,
        "Statuspage probe",
        modules=("account",),
        owner="On-call, +44 20 7946 0000",
        networks=("203.0.113.0/24",),
        created=190,
        expires=None,
        daily=288,
        errors=0,
    ),
    Sample(
        238905571,
        "Zapier: leads to CRM",
        "zapier",
        created=77,
        expires=13,
        daily=64,
        errors=0.05,
        external_id="zap-92",
    ),
    Sample(802364417, "Contract archive", modules=("contracts", "agreements"), created=260, expires=105, daily=18),
)

_SYSTEMS = (
    "CRM",
    "ERP",
    "Data lake",
    "Invoice",
    "Order desk",
    "Price list",
    "Catalog",
    "Support desk",
    "Mail merge",
    "BI",
    "Shop",
    "Storefront",
    "Provisioning",
    "Dunning",
    "Audit",
    "Inventory",
    "Forecast",
    "Quota",
    "Campaign",
    "Sandbox",
)
_JOBS = (
    "export",
    "import",
    "sync",
    "bridge",
    "reader",
    "bot",
    "probe",
    "webhook",
    "report",
    "feed",
    "mirror",
    "job",
    "connector",
    "backfill",
)
_PEOPLE = ("alice@10.0.0.5", "bob@10.0.0.7", "carol@10.0.0.9", "ci@build-3", "dave@10.0.0.31")
_OWNERS = ("", "Finance", "data@example.com", "", "Integrations", "Support", "Portal team", "")
_NETWORKS: tuple[tuple[str, ...], ...] = (
    (),
    (),
    (),
    (),
    ("203.0.113.0/24",),
    (),
    ("203.0.113.0/24", "2001:db8:40::/48"),
)
_NOTES = (
    "",
    "",
    "",
    "Production",
    "Staging only",
    "Asked for by the data team",
    "See the runbook, page 12",
    "Temporary, until the migration",
    "Requested by the partner team",
)


_EXTENSIONS = ("custom", "reports", "zapier", "flowgear")
_OF_EXTENSIONS = tuple(accumulate((6, 2, 2, 1)))
_KINDS = ("active", "expiring", "expired", "disabled", "deleted", "perpetual")
# Of ten: six active, and one each of what an operator has to look at.
_OF_KINDS = tuple(accumulate((60, 6, 12, 8, 4, 10)))


def samples(count: int, random: Random, modules: tuple[str, ...]) -> Iterator[Sample]:
    """`count` tokens: the curated ones first, then made ones of every kind. IDs are unique."""
    yield from CURATED[:count]
    numbers = range(len(CURATED), count)
    for number, token_id in zip(numbers, _ids(len(numbers), random), strict=True):
        yield _made(token_id, number, random, modules)


def _ids(count: int, random: Random) -> Iterator[int]:
    """Random IDs that no curated token has; ascending where they are so many that to know them all takes memory."""
    used = {sample.id for sample in CURATED}
    if count > _MOST_REMEMBERED:
        stride = ID_SPACE // count
        starts = range(0, stride * count, stride)
        yield from (_drawn(used, start, stride, random) for start in starts)
    else:
        for _ in range(count):
            token_id = _drawn(used, 0, ID_SPACE, random)
            used.add(token_id)
            yield token_id


def _drawn(used: Collection[int], start: int, number: int, random: Random) -> int:
    """One of `number` IDs from `start` on that is not used."""
    while True:
        token_id = start + _below(number, random)
        if token_id not in used:
            return token_id


# The outcome of each is that of the method of `Random`, in a third of its time: of a million samples it matters.


def _below(number: int, random: Random) -> int:
    """As `random.randrange(number)`."""
    bits = number.bit_length()
    while (drawn := random.getrandbits(bits)) >= number:
        pass
    return drawn


def _one_of(options: Sequence[T], random: Random) -> T:
    """As `random.choice(options)`."""
    return options[_below(len(options), random)]


def _weighted(options: Sequence[T], sums: Sequence[int], random: Random) -> T:
    """As `random.choices(options, cum_weights=sums)[0]`."""
    return options[bisect(sums, random.random() * sums[-1], 0, len(options) - 1)]


def _made(token_id: int, number: int, random: Random, modules: tuple[str, ...]) -> Sample:
    name = f"{_one_of(_SYSTEMS, random)} {_one_of(_JOBS, random)}"
    extension = _weighted(_EXTENSIONS, _OF_EXTENSIONS, random)
    chosen = (
        tuple(sorted(random.sample(modules, _one_of((1, 1, 2, 2, 3, 5, 8), random)))) if extension == "custom" else ()
    )
    created = random.uniform(3, 700)
    kind = _weighted(_KINDS, _OF_KINDS, random)
    expires: float | None = random.uniform(8, 360)
    if kind == "expiring":
        expires = random.uniform(0.1, 6.9)
    elif kind == "expired":
        expires = -random.uniform(0.2, min(200.0, created))
    elif kind == "perpetual":
        expires = None
    ended = random.uniform(0.1, min(90.0, created)) if kind in ("disabled", "deleted") else None
    return Sample(
        token_id,
        name if number < 200 else f"{name} {number}",
        extension,
        chosen,
        external_id=f"{_one_of(('EXT', 'JOB', 'FG', 'crm'), random)}-{1000 + _below(8999, random)}"
        if random.random() < 0.5
        else None,
        description=_one_of(_NOTES, random),
        owner=_OWNERS[number % len(_OWNERS)],
        networks=_NETWORKS[number % len(_NETWORKS)],
        by=_one_of(_PEOPLE, random),
        created=created,
        expires=expires,
        disabled=ended if kind == "disabled" else None,
        deleted=ended if kind == "deleted" else None,
        daily=0 if random.random() < 0.2 else int(random.lognormvariate(4.5, 1.3)),
        errors=_one_of((0.0, 0.004, 0.01, 0.02, 0.08), random),
        silent=random.uniform(20, 80) if random.random() < 0.15 else 0,
    )
