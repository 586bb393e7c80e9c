"""The list as data: the JSON object of a token, and lines of JSON or CSV, streamed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tokentui.clock import utc_text
from tokentui.context import Context
from tokentui.listing import pages
from tokentui.listing.spec import ListSpec
from tokentui.records import SecretRecord, TokenRecord
from tokentui.tokens import reads
from tokentui.ui.csv_text import csv_line
from tokentui.ui.text import json_text
from tokentui.usage import reports

COLUMNS = (
    "id", "name", "external_id", "description", "extension", "permissions", "status", "created_at", "created_by",
    "updated_at", "updated_by", "expires_at", "last_used_at", "requests_30d", "owner", "networks",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figures:
    """What the JSON of a token holds that is not in its row: responses of 30 local days, and the secrets that work."""

    requests_30d: int
    secrets: tuple[SecretRecord, ...]


def token_json(token: TokenRecord, figures: Figures) -> dict[str, Any]:
    """A token as every `--json` shows it; `damaged` names the fields that can't be read, where there are any."""
    return {
        "id": token.label,
        "name": token.name,
        "external_id": token.external_id,
        "description": token.description,
        "extension": {"slug": token.extension_slug, "name": token.extension_name, "code": token.extension_code or None},
        "permissions": {"all": token.all_modules, "modules": list(token.modules)},
        "status": token.status.value,
        "created_at": utc_text(token.created_at),
        "created_by": token.created_by,
        "updated_at": utc_text(token.updated_at),
        "updated_by": token.updated_by,
        "expires_at": utc_text(token.expires_at),
        "last_used_at": utc_text(token.last_used_at),
        "requests_30d": figures.requests_30d,
        "owner": token.owner or None,
        "networks": list(token.networks),
        "secrets": [
            {
                "created_at": utc_text(secret.created_at),
                "stops_at": utc_text(secret.stops_at),
                "last_used_at": utc_text(secret.last_used_at),
            }
            for secret in figures.secrets
        ],
        **({"damaged": list(token.damaged)} if token.damaged else {}),
    }


def with_figures(context: Context, tokens: Iterable[TokenRecord]) -> Iterator[tuple[TokenRecord, Figures]]:
    """Each token with what other tables say of it, read a page at a time."""
    source = iter(tokens)
    while batch := list(islice(source, pages.PAGE)):
        ids = [token.id for token in batch]
        requests, secrets = reports.totals(context, ids), reads.working_secrets(context, ids)
        for token in batch:
            yield token, Figures(requests[token.id], secrets[token.id])


def json_lines(context: Context, spec: ListSpec) -> Iterator[str]:
    """A line of JSON a token, with all that an import can set."""
    for token, figures in with_figures(context, pages.stream(context, spec)):
        yield json_text(token_json(token, figures)) + "\n"


def csv_lines(
    context: Context, spec: ListSpec, *, limit: int | None = None, columns: Sequence[str] = COLUMNS
) -> Iterator[str]:
    """A header and a line a token; permissions are `*` or slugs, which stand like networks with a space between."""
    yield csv_line(columns)
    for token, figures in with_figures(context, pages.stream(context, spec, limit=limit)):
        row = token_json(token, figures)
        row["extension"] = token.extension_slug
        row["permissions"] = "*" if token.all_modules else " ".join(token.modules)
        row["networks"] = " ".join(token.networks)
        row["status"] = "damaged" if token.damaged else row["status"]
        yield csv_line(row[column] for column in columns)
