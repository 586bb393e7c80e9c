"""What the documentation says is what the program has."""

from __future__ import annotations

import re

from tests.docs_tables import README, filled
from tokentui.screens.commands import COMMANDS

TEXT = README.read_text(encoding="utf-8")


def test_tables_are_those_of_the_program() -> None:
    """Keys, commands and settings; `python -m tests.docs_tables` writes them anew."""
    assert filled(TEXT) == TEXT


def test_the_two_commands_come_first() -> None:
    """`make run` and `make test` before anything else."""
    assert re.search(r"```\n(.*?)```", TEXT, re.DOTALL)[1].splitlines()[0].startswith("make run")  # type: ignore[index]


def test_pictures_are_there_and_hold_no_key() -> None:
    """Each picture of README exists; none shows a secret."""
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", TEXT)
    assert len(pictures) == 6
    for name in pictures:
        picture = (README.parent / name).read_text(encoding="utf-8")
        assert not re.search(r"SU-\d{3}-\d{3}-\d{3}:[0-9a-f]{40}", picture)


def test_what_is_said_to_be_protected_names_a_test_that_there_is() -> None:
    """In the threat model."""
    tests = "\n".join(file.read_text(encoding="utf-8") for file in (README.parent / "tests").rglob("test_*.py"))
    said = (README.parent / "docs" / "security.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(test_\w+)`", said))
    assert len(named) > 15
    assert {name for name in named if f"def {name}(" not in tests} == set()


def test_command_ids_are_unique() -> None:
    """People rebind by them."""
    ids = [command.id for command in COMMANDS]
    assert len(ids) == len(set(ids))
