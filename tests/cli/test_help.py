"""Help, version, and what is said of a command line that is wrong."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from tests.cli.conftest import Tokentui
from tokentui import __version__
from tokentui.cli.commands import COMMANDS
from tokentui.cli.main import cli


def commands() -> Iterator[tuple[str, ...]]:
    """Each command, and each below it, as it is typed."""
    context = click.Context(cli, info_name="tokentui")
    for name in COMMANDS:
        command = cli.get_command(context, name)
        yield (name,)
        if isinstance(command, click.Group):
            below = click.Context(command, info_name=name, parent=context)
            for child_name in command.list_commands(below):
                child = command.get_command(below, child_name)
                if child is not None and not child.hidden:
                    yield name, child_name


@pytest.mark.parametrize("names", commands(), ids=" ".join)
def test_every_help_has_an_example(tokentui: Tokentui, names: tuple[str, ...]) -> None:
    """`help COMMAND` and `COMMAND --help` say the same, with a line that can be copied."""
    asked = tokentui(*names, "--help")
    assert asked.status == 0
    assert asked.out == tokentui("help", *names).out
    examples = [line for line in asked.out.splitlines() if line.startswith("  ") and f"tokentui {names[0]}" in line]
    assert examples, asked.out


def test_help_alone_and_of_nothing(tokentui: Tokentui) -> None:
    """The commands; the nearest one where there is none of the name."""
    assert tokentui("help").out == tokentui("--help").out
    for name in COMMANDS:
        assert f"\n  {name} " in tokentui("help").out
    wrong = tokentui("help", "lsit")
    assert (wrong.status, wrong.err) == (2, "tokentui: there is no command 'lsit': did you mean list?\n")


def test_version(tokentui: Tokentui) -> None:
    """As a command and as an option."""
    assert tokentui("version").out.split() == ["tokentui", __version__]
    assert __version__ in tokentui("--version").out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("lsit", "there is no command 'lsit': did you mean list?"),
        ("db bakup x", "there is no command 'bakup': did you mean backup?"),
        ("list --filtre x", "there is no option --filtre: did you mean --filter?"),
        ("--readonly list", "there is no option --readonly: did you mean --read-only?"),
        ("list --db x", "there is no option --db: it stands before the command, as in `tokentui --db … list`"),
        ("db check --config x", "it stands before the command, as in `tokentui --config … db check`"),
        ("--json list", "there is no option --json: it stands behind the command, as in `tokentui list --json`"),
        ("list -unused:>90d", "begins with - stands behind --, as in `tokentui list -- '-unused:>90d'`"),
        ("list -x", "there is no option -x: see `tokentui list --help`"),
        ("create", "missing option '--name': see `tokentui create --help`"),
    ],
)
def test_what_was_probably_meant(tokentui: Tokentui, line: str, said: str) -> None:
    """One line, status 2."""
    done = tokentui(*line.split())
    assert done.status == 2
    assert done.err.startswith("tokentui: ")
    assert done.err.endswith(f"{said}\n")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("form", ["--json", "-ojson", "-o json", "--output=json", "--output json"])
def test_errors_are_json_where_the_result_was_to_be(tokentui: Tokentui, form: str) -> None:
    """However that was said."""
    done = tokentui("list", *form.split(), "--filter", "nosuch:x")
    assert done.status == 2
    assert done.json["error"]["code"] == "query"
