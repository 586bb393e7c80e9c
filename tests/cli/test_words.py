"""The words of the command line that scripts rely on: no command and no option of these may go or change its name."""

from __future__ import annotations

import click
import pytest

from tokentui.cli.main import cli

WORDS = {
    "": "--db --config --read-only --passphrase-fd --color",
    "list": "--filter --status --all --sort --columns --limit -q -o --json --csv",
    "show": "--json",
    "create": (
        "--name --external-id --description --extension --expires --all-modules --module --allow-network --to --json"
    ),
    "edit": "--name --external-id --description --owner --all-modules --module --allow-network --json",
    "key": "--header --to --json",
    "rotate": "--overlap --expires --to --json",
    "renew": "--expires --keep-key --json",
    "enable": "--filter --yes --json",
    "disable": "--filter --yes --json",
    "delete": "--filter --yes --json",
    "restore": "--filter --yes --json",
    "purge": "--older-than --yes --json",
    "stop-old": "--json",
    "verify": "--module --method --path --ip --json",
    "stats": "--days --json --csv",
    "audit": "--check --json",
    "catalog show": "",
    "catalog import": "",
    "export": "--filter",
    "usage import": "--format",
    "serve": "--host --port",
    "vault rotate": "--prepare --yes --json",
    "vault backup": "--done",
    "vault protect": "--remove --new-passphrase-fd",
    "vault export-verify-key": "--next",
    "db upgrade": "",
    "db check": "",
    "db backup": "",
    "db restore": "",
    "leaks": "",
    "completion bash": "",
    "completion zsh": "",
    "completion fish": "",
    "help": "",
    "version": "",
    "doctor": "--json",
    "demo": "--tokens --to",
}


def options_of(line: str) -> set[str]:
    """The options of a command as it is typed."""
    command: click.Command | None = cli
    for name in line.split():
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), name)
    assert command is not None, line
    return {option for parameter in command.params for option in parameter.opts}


@pytest.mark.parametrize("line", WORDS)
def test_commands_have_their_options(line: str) -> None:
    """Others may be added."""
    assert set(WORDS[line].split()) <= options_of(line)
