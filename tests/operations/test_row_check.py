"""Rows that hold what the program never writes: each is told of, shown as damaged, and ends nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.damage import VALUES, add_damaged_rows, damage
from tests.factories import make_token
from tokentui import audit, catalog
from tokentui.context import Context
from tokentui.crypto.key_format import format_id
from tokentui.errors import TokentuiError
from tokentui.listing import counts, pages
from tokentui.listing.spec import ListSpec, Sort, SortField
from tokentui.models import Base
from tokentui.operations import check
from tokentui.operations.row_check import damaged_rows
from tokentui.records import Action
from tokentui.tokens import bulk, export, reads
from tokentui.usage import reports

pytestmark = pytest.mark.sqlite

COLUMNS = {
    SortField.NAME: "name",
    SortField.ID: "id",
    SortField.EXTENSION: "extension_slug",
    SortField.CREATED: "created_at",
    SortField.EXPIRES: "expires_at",
    SortField.STATUS: "expires_at",
    SortField.URGENCY: "expires_at",
    SortField.LAST_USED: "last_used_at",
    SortField.OWNER: "owner",
    SortField.REQUESTS: "",  # a count of other rows, which is never NULL
}


def file_of(context: Context) -> Path:
    assert context.database.path is not None
    return context.database.path


def checked(context: Context) -> dict[str, str]:
    """What is said of each damaged row: table and key → fields."""
    with context.database.read() as session:
        return dict(line.split(": ") for line in damaged_rows(session))


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("field", SortField)
def test_a_list_shows_each_damaged_row_once(context: Context, field: SortField, descending: bool) -> None:
    """In every order, across its pages, and `db check` names the same fields of it."""
    make_token(context, "Whole", modules=("usage",), networks=("10.0.0.0/8",))
    added = add_damaged_rows(file_of(context), "tokens")
    said = checked(context)
    not_deleted = list(pages.stream(context, ListSpec(sort=Sort(field, descending)), limit=2 * len(added)))
    assert len(not_deleted) == len({token.id for token in not_deleted})
    tokens = list(
        pages.stream(context, ListSpec(sort=Sort(field, descending), include_deleted=True), limit=2 * len(added))
    )
    shown = [token.id for token in tokens]
    assert len(shown) == len(set(shown))
    column = COLUMNS[field]
    # SQL says of no value that it is before or after another: in an order by it, such a row may be left out.
    assert {key for key, name, value in added if (name, value) != (column, "NULL")} <= set(shown)
    for token in tokens:
        fields = said.get(f"tokens {token.label}", "")
        named = {name for name in token.damaged if name not in ("extension_name", "extension_code")}
        assert named == set(filter(None, fields.split(", "))), token.label
    assert counts.count(context, ListSpec(include_deleted=True)) == len(added) + 1


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("name", "x'ff80'"), ("name", "CAST(x'41ff42' AS TEXT)"), ("name", "NULL"), ("expires_at", "'foreign'"),
        ("expires_at", "-5"), ("expires_at", "4611686018427387904"), ("expires_at", "1.5"), ("expires_at", "NULL"),
        ("networks", "'foreign'"), ("all_modules", "'foreign'"), ("version", "'foreign'"), ("deleted_at", "'foreign'"),
    ],
)  # fmt: skip
def test_what_is_damaged(context: Context, column: str, value: str) -> None:
    """The other fields are as they were; whoever sees it can disable the token, and put it into order."""
    token_id = make_token(context, "Whole").token.id
    before = reads.get_token(context, token_id)
    damage(file_of(context), "tokens", column, value)
    token = reads.get_token(context, token_id)
    assert token.damaged == (column,)
    assert checked(context) == {f"tokens {format_id(token_id)}": column}
    assert (token.description, token.created_by) == (before.description, before.created_by)
    finding = next(finding for finding in check.check(context) if finding.check == "rows")
    assert not finding.ok
    assert f"tokens {format_id(token_id)}: {column}" in finding.message
    action = Action.RESTORE if column == "deleted_at" else Action.DISABLE
    assert bulk.apply(context, action, [token_id]).done == (token_id,)
    assert reads.get_token(context, token_id).damaged == (() if column in ("version", "deleted_at") else (column,))


def test_an_extension_that_is_not_there(context: Context) -> None:
    token_id = make_token(context, "Whole").token.id
    damage(file_of(context), "tokens", "extension_slug", "'foreign'")
    token = reads.get_token(context, token_id)
    assert token.damaged == ("extension_name", "extension_code")
    assert token.extension_name == "foreign"
    assert [finding.check for finding in check.check(context) if not finding.ok] == ["references"]


def test_the_audit_shows_each_damaged_entry(context: Context) -> None:
    token_id = make_token(context, "Whole").token.id
    added = add_damaged_rows(file_of(context), "audit")
    said = checked(context)
    entries = audit.entries(context, limit=None)
    assert {entry.id for entry in entries} >= {key for key, _, _ in added}
    for entry in entries:
        fields = next((fields for row, fields in said.items() if row.split()[1] == str(entry.id)), "")
        assert set(entry.damaged) == set(filter(None, fields.split(", "))), entry.id
    damaged = {
        (column, value) for key, column, value in added for entry in entries if entry.id == key and entry.damaged
    }
    assert {
        ("changes", "'{\"name\": 1}'"),
        ("changes", "'[1, 2]'"),
        ("at", "'foreign'"),
        ("actor", "x'ff80'"),
    } <= damaged
    assert len(audit.entries(context, token_id, limit=None)) >= len(added) - 12


def test_deeply_nested_changes(context: Context) -> None:
    make_token(context, "Whole")
    damage(file_of(context), "audit", "changes", "'" + "[" * 100_000 + "'")
    assert audit.entries(context)[0].damaged == ("changes",)


@pytest.mark.parametrize(
    "table", ["secrets", "usage", "token_modules", "extensions", "modules", "module_paths", "extension_modules", "meta"]
)
def test_no_other_row_ends_a_read(context: Context, table: str) -> None:
    """Every column; what needs the row may say one line, and no more."""
    token_id = make_token(context, "Whole", modules=("usage",)).token.id
    use(context, token_id)
    context.close()
    whole = file_of(context).read_bytes()
    for column in Base.metadata.tables[table].columns:
        for value in (*VALUES[:3], VALUES[6]):
            context.close()
            file_of(context).write_bytes(whole)
            damage(file_of(context), table, column.name, value)
            context._vault = None
            read_all(context, token_id)


def use(context: Context, token_id: int) -> None:
    """Counts responses to a token."""
    with context.database.write() as session:
        slot = int(context.now().timestamp()) // 900
        session.connection().exec_driver_sql(
            "INSERT INTO usage (token_id, slot, success, redirection, client_error, server_error) "
            "VALUES (?, ?, 3, 0, 1, 0)",
            (token_id, slot),
        )
        session.commit()


def read_all(context: Context, token_id: int) -> None:
    """Whatever an app or a command reads."""
    services: tuple[Callable[[], object], ...] = (
        lambda: catalog.load(context),
        lambda: list(export.json_lines(context, ListSpec())),
        lambda: list(export.csv_lines(context, ListSpec())),
        lambda: reads.list_secrets(context, token_id),
        lambda: reads.count_by_status(context),
        lambda: reads.next_status_change(context),
        lambda: reports.daily(context),
        lambda: reports.daily(context, token_id),
        lambda: reports.sparklines(context, [token_id]),
        lambda: list(check.check(context)),
        lambda: context.vault(),
    )
    for service in services:
        try:
            service()
        except TokentuiError as error:
            assert "\n" not in str(error)  # noqa: PT017 - any other error fails the test
