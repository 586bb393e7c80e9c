"""The filter: what it offers as one types, what it says is wrong, and where the cursor stands afterwards."""

from __future__ import annotations

from textual import events
from textual.widgets import Static

from tests.factories import make_token
from tests.imports.helpers import import_lines
from tests.screens.conftest import settle, wait_until
from tests.screens.tokens.test_screen import table_of
from tokentui.app import TokentuiApp
from tokentui.context import Context
from tokentui.records import Action, Status
from tokentui.screens.tokens.filter_bar import FilterBar
from tokentui.tokens import bulk


def error_of(bar: FilterBar) -> str:
    """What is said to be wrong; empty where nothing is shown."""
    line = bar.query_one("#filter-error", Static)
    return str(line.content) if line.display else ""


async def test_tab_completes_fields_and_values(sample_app: TokentuiApp) -> None:
    """A list shows what there is; the arrows choose; the filter holds at once."""
    async with sample_app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        bar = table_of(sample_app).query_one(FilterBar)
        await pilot.press("slash", "s", "t")
        await settle(pilot)
        assert bar.completions.is_open
        assert "status:" in str(bar.completions.content)
        assert bar.completions.region.y == bar.region.bottom
        await pilot.press("tab")
        await settle(pilot)
        assert bar.text == "status:"
        await pilot.press("down", "down", "tab")
        await settle(pilot)
        assert bar.text == "status:expiring "
        assert sample_app.focused is bar.input
        await wait_until(
            pilot, lambda: {row.status for row in table_of(sample_app).table.visible_rows()} == {Status.EXPIRING}
        )
        assert not bar.completions.is_open


async def test_extensions_are_offered_by_the_catalogue(app: TokentuiApp, context: Context) -> None:
    make_token(context)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        bar = table_of(app).query_one(FilterBar)
        await pilot.press("slash")
        await settle(pilot)
        await pilot.press(*"ext:zap")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert app.focused is table_of(app).table  # enter without a choice goes to the rows
        assert "did you mean zapier" in error_of(bar)
        await pilot.press("slash", "end", "backspace")
        await settle(pilot)
        await pilot.press("tab")
        await settle(pilot)
        assert bar.text == "ext:zapier "
        assert error_of(bar) == ""


async def test_a_value_that_is_half_typed_is_no_error(app: TokentuiApp, context: Context) -> None:
    """The rows are those of the rest of the filter; when the filter is left, it is one."""
    make_token(context, "Alpha")
    make_token(context, "Beta")
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        bar, table = table_of(app).query_one(FilterBar), table_of(app).table
        for typed in ("alpha status:act", "alpha expires:<3", 'alpha "bet', "alpha -"):
            await pilot.press("slash", *typed)
            await settle(pilot)
            assert error_of(bar) == ""
            assert [row.name for row in table.visible_rows()] == ["Alpha"]
            await pilot.press("enter")
            await settle(pilot)
            assert "▲" in error_of(bar)
            await pilot.press("slash", "escape")
            await settle(pilot)
            assert error_of(bar) == ""


async def test_what_is_wrong_stands_whole_under_its_place(app: TokentuiApp, context: Context) -> None:
    """Also where the line is too short for it: then below the mark."""
    make_token(context)
    for width in (120, 60, 40):
        async with TokentuiApp(context).run_test(size=(width, 20)) as pilot:
            await settle(pilot)
            assert isinstance(pilot.app, TokentuiApp)
            bar = table_of(pilot.app).query_one(FilterBar)
            await pilot.press("slash", *"status:nope")
            await settle(pilot)
            line = bar.query_one("#filter-error", Static)
            text = error_of(bar)
            assert text.index("▲") == bar.input.region.x - bar.content_region.x + len("status:")
            assert "deleted" in text  # the last word of it
            needed = sum(-(-len(part) // line.size.width) for part in text.splitlines())
            assert line.size.height >= needed


async def test_the_cursor_stands_on_the_first_hit(sample_app: TokentuiApp) -> None:
    """Wherever it stood; without a filter it stays on its token."""
    async with sample_app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        table = table_of(sample_app).table
        await pilot.press("end")
        await pilot.press("slash", *"export")
        await settle(pilot)
        assert table.index == 0
        hit = table.token_id
        await pilot.press("escape")
        await settle(pilot)
        assert table.token_id == hit
        assert table.index > 0


async def test_a_pasted_key_of_another_system_shows_its_token(app: TokentuiApp, context: Context) -> None:
    """Though it has no ID in it, and reads as a field; the token stays when the filter is left, and goes with it."""
    key = "api:with/odd+characters=="
    import_lines(context, {"name": "Imported", "key": key, "permissions": "*"})
    make_token(context, "Another")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        screen, bar = table_of(app), table_of(app).query_one(FilterBar)
        await pilot.press("slash")
        await settle(pilot)
        app.post_message(events.Paste(key))
        await wait_until(pilot, lambda: [row.name for row in screen.table.visible_rows()] == ["Imported"])
        await settle(pilot)
        assert (bar.text, error_of(bar)) == (f"id:{screen.table.visible_rows()[0].label}", "")
        await pilot.press("enter")
        await settle(pilot)
        assert [row.name for row in screen.table.visible_rows()] == ["Imported"]
        await pilot.press("slash", "escape")
        await wait_until(pilot, lambda: len(screen.table.visible_rows()) == 2)
        assert bar.text == ""


async def test_a_pasted_key_leaves_its_id_alone_on_the_screen(app: TokentuiApp, context: Context) -> None:
    """It finds its token also when deleted, in any case, in quotes, behind other conditions; one that is cut stays."""
    issued = make_token(context, "Leaked")
    assert issued.key is not None
    token, key = issued.token, issued.key.text
    make_token(context, "Another")
    bulk.apply(context, Action.DELETE, [token.id])
    async with app.run_test(size=(120, 24)) as pilot:
        await settle(pilot)
        screen, bar = table_of(app), table_of(app).query_one(FilterBar)
        for text, shown in (
            (key, f"id:{token.label}"),
            (key.upper(), f"id:{token.label}"),
            (f'"{key}"', f"id:{token.label}"),
            (f"leaked {key}", f"leaked id:{token.label}"),
            (f"Authorization: ApiKey {key}", f"id:{token.label}"),
        ):
            await pilot.press("slash")
            app.post_message(events.Paste(text))
            await wait_until(pilot, lambda: [row.name for row in screen.table.visible_rows()] == ["Leaked"])
            assert (bar.text, error_of(bar)) == (shown, "")
            await pilot.press("enter")
            await settle(pilot)
            assert [row.name for row in screen.table.visible_rows()] == ["Leaked"]
            await pilot.press("escape")
            await wait_until(pilot, lambda: [row.name for row in screen.table.visible_rows()] == ["Another"])
        for text, shown in ((f"name:{key}", f"name:{token.label}"), (key[:-1], key[:-1])):
            await pilot.press("slash")
            app.post_message(events.Paste(text))
            await settle(pilot)
            assert bar.text == shown
            await pilot.press("escape")


async def test_the_name_of_a_field_is_no_word_while_it_is_typed(app: TokentuiApp, context: Context) -> None:
    """The rows stay as they are, and the list says that it is a field; once the filter is left, it is a word."""
    for name in ("Alpha status page", "Alpha", "Beta"):
        make_token(context, name)
    async with app.run_test(size=(120, 24)) as pilot:
        await settle(pilot)
        bar, table = table_of(app).query_one(FilterBar), table_of(app).table
        await pilot.press("slash", *"alpha ")
        await wait_until(pilot, lambda: len(table.visible_rows()) == 2)
        for letter in "status":
            await pilot.press(letter)
            await settle(pilot)
            assert len(table.visible_rows()) == 2
            assert "status:" in str(bar.completions.content)
        await pilot.press("enter")
        await wait_until(pilot, lambda: [row.name for row in table.visible_rows()] == ["Alpha status page"])
