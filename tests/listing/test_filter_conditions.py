"""What a filter finds, on a real database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from tests.factories import FrozenClock, make_token
from tokentui import catalog
from tokentui.context import Actor, Context
from tokentui.crypto import key_format
from tokentui.errors import QueryError
from tokentui.listing import counts, order, pages
from tokentui.listing.filter_conditions import changes_with_time
from tokentui.listing.spec import ListSpec
from tokentui.models import Token, Usage, slot_of
from tokentui.records import Action, Status, TokenChanges
from tokentui.tokens import bulk, secrets
from tokentui.tokens.edit import edit_token
from tokentui.usage import reports


def names(context: Context, query: str, *statuses: Status) -> set[str]:
    return {token.name for token in pages.stream(context, ListSpec(query, statuses))}


def set_columns(context: Context, token_id: int, **values: object) -> None:
    with context.database.write() as session:
        session.execute(update(Token).where(Token.id == token_id).values(**values))
        session.commit()


def make_with_id(context: Context, number: int, name: str) -> None:
    """A token whose ID is known, made from the row of one whose ID is random."""
    made = make_token(context, name).token.id
    columns = [column.name for column in Token.__table__.columns if column.name != "id"]
    names = ", ".join(columns)
    with context.database.write() as session:
        connection = session.connection()
        chosen = f"SELECT {number}, {names} FROM tokens WHERE id = {made}"
        connection.exec_driver_sql(f"INSERT INTO tokens (id, {names}) {chosen}")
        connection.exec_driver_sql(f"DELETE FROM tokens WHERE id = {made}")
        session.commit()


def test_words_match_name_external_id_and_description_without_case(context: Context) -> None:
    make_token(context, "Billing export")
    make_token(context, "Reports", external_id="bill-77")
    make_token(context, "Night job", description="pays the\nBILLS at night")
    make_token(context, "Other")
    assert names(context, "bill") == {"Billing export", "Reports", "Night job"}
    assert names(context, "BILL night") == {"Night job"}
    assert names(context, '"billing export"') == {"Billing export"}
    assert names(context, '"export billing"') == set()
    assert names(context, "-bill") == {"Other"}
    assert names(context, '-bill -"oth"') == set()


def test_marks_of_patterns_are_letters(context: Context) -> None:
    for name in ("100% sure", "100 sure", "a_b", "axb", "a/b", "it's; --", "a\\b", '[bold]"x"'):
        make_token(context, name)
    assert names(context, "%") == {"100% sure"}
    assert names(context, "a_b") == {"a_b"}
    assert names(context, "a/b") == {"a/b"}
    assert names(context, "';") == set()
    assert names(context, "it's;") == {"it's; --"}
    assert names(context, "a\\b") == {"a\\b"}
    assert names(context, r'"\"x\""') == {'[bold]"x"'}


@pytest.mark.parametrize("typed", ["müller", "MÜLLER", "Müller", "mÜller"])
def test_letters_beyond_ascii_match_in_the_usual_cases(context: Context, typed: str) -> None:
    for name in ("Müller AG", "MÜLLER KG", "müller ohg", "Moller"):
        make_token(context, name)
    assert names(context, typed) == {"Müller AG", "MÜLLER KG", "müller ohg"}


def test_an_id_matches_with_and_without_dashes_whole_and_in_part(context: Context) -> None:
    for number, name in ((4118902, "Leading zeros"), (631646036, "Tutorial")):
        make_with_id(context, number, name)
    for typed in ("SU-631-646-036", "su-631-646-036", "631646036", "646-036", "SU-631-", "631", "SU631"):
        assert names(context, typed) == {"Tutorial"}, typed
    assert names(context, "004118902") == names(context, "SU-004-118") == {"Leading zeros"}
    assert names(context, "su-") == {"Leading zeros", "Tutorial"}
    assert names(context, "-631") == {"Leading zeros"}


def test_a_whole_key_finds_its_token(context: Context) -> None:
    issued, _ = make_token(context, "Mine"), make_token(context, "Other")
    assert issued.key is not None
    assert names(context, issued.key.text) == {"Mine"}
    assert names(context, f"-{issued.key.text}") == {"Other"}
    assert names(context, key_format.new_key(issued.token.id).text) == {"Mine"}  # an older key of the token, say


def test_status(context: Context) -> None:
    for name, days in (("Active", 30), ("Expiring", 3), ("Expired", 1), ("Disabled", 30), ("Deleted", None)):
        make_token(context, name, days=days)
    ids = {token.name: token.id for token in pages.stream(context, ListSpec())}
    bulk.apply(context, Action.DISABLE, [ids["Disabled"]])
    bulk.apply(context, Action.DELETE, [ids["Deleted"]])
    set_columns(context, ids["Expired"], expires_at=context.now())
    for status in Status:
        assert names(context, f"status:{status}") == names(context, "", status) == {status.value.capitalize()}
    assert names(context, "-status:deleted -status:EXPIRED") == {"Active", "Expiring", "Disabled"}
    assert names(context, "status:active status:expired") == set()
    assert names(context, "ex", Status.EXPIRED) == {"Expired"}


def test_extension_by_slug_and_code(context: Context) -> None:
    make_token(context, "Custom")
    make_token(context, "Zapier", extension="zapier")
    assert names(context, "ext:ZAPIER") == {"Zapier"}
    assert names(context, "ext:custom") == names(context, "ext:ext-000") == {"Custom"}
    assert names(context, "-ext:zapier") == {"Custom"}
    with pytest.raises(QueryError) as refused:
        names(context, "ext:EXT-")
    assert refused.value.incomplete


def test_module_counts_all_modules(context: Context) -> None:
    make_token(context, "Full")
    make_token(context, "Desk", modules=("helpdesk", "usage"))
    make_token(context, "Usage", modules=("usage",))
    assert names(context, "module:helpdesk") == {"Full", "Desk"}
    assert names(context, "-module:HELPDESK") == {"Usage"}


def test_created(context: Context, clock: FrozenClock) -> None:
    now = clock()
    for name, days in (("Old", 31), ("Month", 30), ("Week", 7), ("New", 0)):
        clock.set(now - timedelta(days=days))
        make_token(context, name, days=None)
    clock.set(now)
    assert names(context, "created:>30d") == {"Old"}
    assert names(context, "created:<7d") == {"Week", "New"}
    assert names(context, "created:30d") == {"Old"}
    assert names(context, "-created:<7d") == {"Old", "Month"}
    assert names(context, "created:<720h") == {"Month", "Week", "New"}


def test_dates_are_local_days(context: Context, clock: FrozenClock) -> None:
    for name, moment in (
        ("Before", datetime(2026, 10, 24, 21, 59, 59, tzinfo=UTC)),
        ("First", datetime(2026, 10, 24, 22, 0, tzinfo=UTC)),  # midnight in Berlin, of a day of 25 hours
        ("Last", datetime(2026, 10, 25, 22, 59, 59, tzinfo=UTC)),
        ("After", datetime(2026, 10, 25, 23, 0, tzinfo=UTC)),
    ):
        clock.set(moment)
        make_token(context, name, days=None)
    assert names(context, "created:2026-10-25") == {"First", "Last"}
    assert names(context, "created:>2026-10-25") == {"After"}
    assert names(context, "created:<2026-10-25") == {"Before"}
    assert names(context, "created:>=2026-10-25") == {"First", "Last", "After"}
    assert names(context, "created:<=2026-10-25") == {"Before", "First", "Last"}
    assert names(context, "-created:2026-10-25") == {"Before", "After"}


def test_expires(context: Context, clock: FrozenClock) -> None:
    make_token(context, "Past", days=1)
    clock.move(days=2)
    for name, days in (("Soon", 7), ("Later", 31), ("Never", None)):
        make_token(context, name, days=days)
    assert names(context, "expires:<7d") == names(context, "expires:7d") == {"Soon"}
    assert names(context, "expires:>30d") == {"Later", "Never"}
    assert names(context, "expires:NEVER") == {"Never"}
    assert names(context, "-expires:never") == {"Past", "Soon", "Later"}
    assert names(context, "expires:<2026-11-26") == {"Past"}
    assert names(context, "expires:>2026-11-26") == {"Soon", "Later", "Never"}


def test_unused_counts_from_the_making_where_never_used(context: Context, clock: FrozenClock) -> None:
    old = [make_token(context, name, days=None).token.id for name in ("Forgotten", "Used long ago", "Used now")]
    clock.move(days=100)
    make_token(context, "New, never used")
    set_columns(context, old[1], last_used_at=context.now() - timedelta(days=91))
    set_columns(context, old[2], last_used_at=context.now())
    assert names(context, "unused:>90d") == names(context, "unused:90d") == {"Forgotten", "Used long ago"}
    assert names(context, "-unused:>90d") == {"Used now", "New, never used"}
    assert names(context, "unused:<1d") == {"Used now", "New, never used"}


def test_by_whoever_made_or_changed_it(context: Context, open_as: Callable[..., Context]) -> None:
    mine = make_token(context, "Alice's").token
    bob = open_as(Actor("bob"))
    make_token(bob, "Bob's")
    make_token(open_as(Actor("al%")), "Percent's")
    assert names(context, "by:ALICE") == names(context, "by:alice@10.0.0.5") == {"Alice's"}
    assert names(context, "by:al%") == {"Percent's"}
    edit_token(bob, mine.id, TokenChanges(description="changed"))
    assert names(context, "by:bob") == {"Alice's", "Bob's"}
    assert names(context, "-by:bob") == {"Percent's"}


@pytest.mark.parametrize(("word", "times"), [("a ", 10), ("é ", 3), ("-x ", 10), ("%", 1000), ("é", 1000)])
def test_the_longest_filters_are_still_read(context: Context, word: str, times: int) -> None:
    """As many words as are allowed, or one as long as is allowed."""
    make_token(context, "Billing")
    longest = (word * times).rstrip(" -")
    assert names(context, longest) == ({"Billing"} if word == "-x " else set())


def test_a_name_is_found_however_its_accents_are_typed(context: Context) -> None:
    """Composed or apart, in capitals or not; also where an older program kept it apart."""
    made = make_token(context, "E\u0301tude").token
    set_columns(context, make_token(context, "Old").token.id, name="e\u0301tude old")
    for typed in ("\u00e9tude", "E\u0301TUDE", "e\u0301t", "\u00c9t"):
        assert names(context, typed) == {made.name, "e\u0301tude old"}


def test_a_year_is_a_time(context: Context) -> None:
    make_token(context, "Long", days=400)
    make_token(context, "Short", days=300)
    assert names(context, "expires:<1y") == {"Short"}
    assert names(context, "expires:>1y") == {"Long"}


def test_name_external_id_owner_and_id(context: Context) -> None:
    """A field looks into its own text alone; a comma means or."""
    make_with_id(context, 631646036, "Billing export")
    make_token(context, "Crm", external_id="bill-7", owner="Portal team")
    make_token(context, "Ärger", description="billing", owner="Finance")
    assert names(context, "name:BILL") == {"Billing export"}
    assert names(context, "name:ärger,crm") == {"Ärger", "Crm"}
    assert names(context, "-name:ärger,crm") == {"Billing export"}
    assert names(context, "external:bill") == {"Crm"}
    assert names(context, "owner:port") == names(context, 'owner:"portal TEAM"') == {"Crm"}
    assert names(context, "owner:team") == set()
    assert names(context, "owner:portal,fin") == {"Crm", "Ärger"}
    assert names(context, "portal") == set(), "words look into name, ID, external ID and description"
    assert names(context, "id:631-646") == names(context, "id:su-631-646-036") == {"Billing export"}
    assert names(context, "id:646036 name:crm") == set()


def test_a_comma_means_or_in_lists(context: Context) -> None:
    make_token(context, "Zap", extension="zapier", days=3)
    make_token(context, "Rep", extension="reports", days=30)
    make_token(context, "Own", modules=("usage",), all_modules=False, days=None)
    assert names(context, "ext:zapier,reports") == {"Zap", "Rep"}
    assert names(context, "-ext:zapier,reports") == {"Own"}
    assert names(context, "status:expiring,expired") == {"Zap"}
    assert names(context, "module:usage,helpdesk ext:custom") == {"Own"}


def test_an_unknown_extension_or_module_names_the_nearest(context: Context) -> None:
    """In pages, counts and marks; and in the check of what is typed."""
    for query, nearest in (
        ("ext:zapierr", "did you mean zapier"), ("module:helpdesc", "did you mean helpdesk"),
        ("x -ext:custom,raports", "did you mean reports"),
    ):  # fmt: skip
        for call in (pages.page, counts.count, counts.matching_ids):
            with pytest.raises(QueryError, match=nearest):
                call(context, ListSpec(query))
        with pytest.raises(QueryError, match=nearest) as refused:
            order.check_typed_query(context, query, catalog.load(context))
        assert refused.value.position == max(query.rfind(":"), query.rfind(",")) + 1
        assert not refused.value.incomplete
    with pytest.raises(QueryError) as refused:
        order.check_typed_query(context, "module:help", catalog.load(context))
    assert refused.value.incomplete
    order.check_typed_query(context, "ext:EXT-000 ext:Zapier module:HELPDESK", catalog.load(context))


def test_responses_of_the_last_30_local_days(context: Context, clock: FrozenClock) -> None:
    """The same figures as everywhere; a token without any has none."""
    ids = {name: make_token(context, name).token.id for name in ("Busy", "Wrong", "Old", "None")}
    now = slot_of(clock())
    with context.database.write() as session:
        for name, slot, fine, errors in (
            ("Busy", now, 900, 0), ("Busy", now - 96, 101, 0), ("Wrong", now, 5, 12), ("Old", now - 96 * 40, 5000, 9),
        ):  # fmt: skip
            session.add(Usage(token_id=ids[name], slot=slot, success=fine, client_error=errors))
        session.commit()
    totals = reports.totals(context, list(ids.values()))
    assert [totals[number] for number in ids.values()] == [1001, 17, 0, 0]
    assert names(context, "requests:>1000") == names(context, "requests:>=1001") == names(context, "requests:1001")
    assert names(context, "requests:>1000") == {"Busy"}
    assert names(context, "requests:>1001") == set()
    assert names(context, "requests:0") == names(context, "requests:<17") == {"Old", "None"}
    assert names(context, "requests:<=17") == {"Old", "None", "Wrong"}
    assert names(context, "requests:>=0") == set(ids)
    assert names(context, "errors:>10") == names(context, "-errors:0") == {"Wrong"}
    assert names(context, "-requests:>0") == {"Old", "None"}


def test_networks(context: Context) -> None:
    make_token(context, "Any")
    make_token(context, "Office", networks=("203.0.113.0/24",))
    assert names(context, "network:any") == names(context, "-network:limited") == {"Any"}
    assert names(context, "network:Limited") == {"Office"}


def test_rotated_and_overlap(context: Context, clock: FrozenClock) -> None:
    """When the newest secret was made, and whether an old one still works."""
    kept, rotated = make_token(context, "Kept", days=300), make_token(context, "Rotated", days=300)
    clock.move(days=100)
    secrets.rotate_token(context, rotated.token.id, overlap=timedelta(hours=1))
    assert names(context, "rotated:<7d") == {"Rotated"}
    assert names(context, "rotated:>90d") == names(context, "-rotated:<90d") == {"Kept"}
    assert names(context, "overlap:yes") == {"Rotated"}
    assert names(context, "overlap:NO") == {"Kept"}
    clock.move(hours=1)
    assert names(context, "overlap:yes") == set()
    assert kept.token.id in counts.matching_ids(context, ListSpec("overlap:no"))


@pytest.mark.parametrize("query", ["expires:<7d", "-rotated:12h", "created:<1d", "overlap:no", "x unused:>1y"])
def test_what_a_filter_shows_changes_with_time(query: str) -> None:
    assert changes_with_time(query)


@pytest.mark.parametrize("query", ["", "3d", "name:3d", "created:>2026-01-01", "expires:never", "status:expired"])
def test_what_a_filter_shows_stays(query: str) -> None:
    assert not changes_with_time(query)
