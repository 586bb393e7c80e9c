"""`tokentui vault`: the master key and its parts."""

from __future__ import annotations

import click

from tokentui.cli.completing import complete_file
from tokentui.cli.failures import reporting
from tokentui.cli.output import print_line
from tokentui.cli.state import State
from tokentui.operations.verify_key_export import export_verify_key
from tokentui.ui.files import file_path


@click.group()
def vault_command() -> None:
    """The master key, and the part of it that an API server needs.

    \b
    tokentui vault export-verify-key verify.key
    """


@vault_command.command("export-verify-key")
@click.argument("file", metavar="[FILE]", required=False, shell_complete=complete_file)
@click.pass_obj
def export_verify_key_command(state: State, file: str | None) -> None:
    """What a gate needs to recognise keys, and can't read a secret with; to a new file of mode 0600, or printed.

    A gate takes it from TOKENTUI_VERIFY_KEY_FILE, or from systemd as the credential tokentui-verify-key. Whoever has it
    and the database can try keys, and can make digests: keep it as you keep a password.

    \b
    tokentui vault export-verify-key verify.key
    TOKENTUI_VERIFY_KEY_FILE=verify.key tokentui serve
    """
    with reporting("the verify key was opened", "the audit has it"):
        text = export_verify_key(state.context, None if file is None else file_path(file))
        if file is None:
            print_line(text)
