"""`tokentui vault`: the master key and its parts."""

from __future__ import annotations

import sys

import click

from tokentui.cli import passphrase as passphrases
from tokentui.cli.completing import complete_file
from tokentui.cli.failures import reporting
from tokentui.cli.messages import say
from tokentui.cli.output import json_option, print_json, print_line
from tokentui.cli.passphrase import unlock
from tokentui.cli.state import State
from tokentui.context import Context
from tokentui.errors import UsageError, WrongState
from tokentui.operations import master_key_backup as backups
from tokentui.operations import master_key_rotation as rotation
from tokentui.operations.master_key_protection import protect as protect_key
from tokentui.operations.verify_key_export import export_verify_key
from tokentui.ui.files import file_path
from tokentui.ui.text import safe_text
from tokentui.ui.wording import day_text, thousands


@click.group()
def vault_command() -> None:
    """The master key: a backup, a passphrase, a new one, or the part of it that an API server needs.

    \b
    tokentui vault backup /mnt/safe/tokentui-master.key
    tokentui vault rotate
    tokentui vault export-verify-key verify.key
    """


@vault_command.command()
@click.option("--prepare", is_flag=True, help="Only make the new key: for gates that need it beforehand.")
@click.option("--yes", is_flag=True, help="Also where a verify key was handed out, and no new one is prepared.")
@json_option
@click.pass_obj
def rotate(state: State, prepare: bool, yes: bool, as_json: bool) -> None:
    """A new master key: every secret is sealed anew, while gates and apps go on; the tokens' keys stay as they are.

    Where it is ended in the middle, call it again. What reads the master key from this file follows by itself. For
    what has a copy of it on another machine, or a verify key: `--prepare` makes the new key; put a copy of the file, or
    what `export-verify-key --next` prints, beside the old one there, with the same name and `.next`; then rotate.

    \b
    tokentui vault rotate
    tokentui vault rotate --prepare && tokentui vault export-verify-key --next verify.key.next
    """
    context = state.context
    if prepare:
        file = rotation.prepare(context)
        with reporting(f"the next master key is in {file}"):
            if as_json:
                print_json({"key_file": str(file)})
            else:
                print_line(
                    f"{safe_text(str(file))} holds the next master key; `tokentui vault rotate` begins to use it"
                )
        return
    _refuse_to_shut_out(context, yes)
    rotated = _rotate(context)
    with reporting("the master key was changed", "the audit has it"):
        if as_json:
            print_json(
                {
                    "secrets": rotated.secrets,
                    "kept": rotated.kept,
                    "key_file": str(rotated.key_file),
                    "former_file": None if rotated.former_file is None else str(rotated.former_file),
                }
            )
        else:
            _print_rotated(context, rotated)


def _refuse_to_shut_out(context: Context, yes: bool) -> None:
    """Raises WrongState where gates with a verify key would let nobody in until they have the new one."""
    if yes or rotation.is_prepared(context):
        return
    handed_out = rotation.verify_key_handed_out(context)
    if handed_out is not None:
        raise WrongState(
            f"a verify key was handed out on {day_text(handed_out, context.zone)}",
            "run `tokentui vault rotate --prepare` so that its gates can follow, or give --yes",
        )


def _rotate(context: Context) -> rotation.Rotated:
    with click.progressbar(length=1, label="Sealing", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:

        def advance(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        try:
            return rotation.rotate(context, advance)
        except KeyboardInterrupt:
            say("\nBoth master keys work; `tokentui vault rotate` goes on where it was stopped")
            raise


def _print_rotated(context: Context, rotated: rotation.Rotated) -> None:
    print_line(f"{thousands(rotated.secrets - rotated.kept)} secrets were sealed anew")
    if rotated.kept:
        print_line(
            f"{thousands(rotated.kept)} can't be: they go on working, and are sealed when their tokens are rotated"
        )
    if rotated.former_file is None:
        print_line(f"Now {rotation.to_be_placed(context)}")
        return
    print_line(f"The new master key is in {safe_text(str(rotated.key_file))}: run `tokentui vault backup`")
    print_line(f"The one before is in {safe_text(str(rotated.former_file))}: backups of before need it")


@vault_command.command()
@click.argument("file", metavar="[FILE]", required=False, shell_complete=complete_file)
@click.option("--done", is_flag=True, help="Only note that there is a copy, made in another way.")
@click.pass_obj
def backup(state: State, file: str | None, done: bool) -> None:
    """Copy the master key to a new file of mode 0600, and be reminded of it no more.

    Keep the copy apart from the backups of the database: who has both has every key. With another master key, by
    `tokentui vault rotate`, the reminder comes back.

    \b
    tokentui vault backup /mnt/safe/tokentui-master.key
    tokentui vault backup --done    # it is in the password manager already
    """
    if (file is None) is not done:
        raise UsageError("say where to copy the master key to, or --done", "see `tokentui help vault backup`")
    target = None if file is None else file_path(file)
    backups.backup(state.context, target)
    with reporting("a copy of the master key was noted", "the audit has it"):
        if target is None:
            print_line("Noted: there is a copy of the master key")
        else:
            print_line(f"{safe_text(str(target))} holds the master key: keep it apart from the database's backups")


@vault_command.command()
@click.option("--remove", is_flag=True, help="Take the passphrase off again.")
@click.option("--new-passphrase-fd", metavar="N", type=click.IntRange(0), help="Read the new passphrase from there.")
@click.pass_obj
def protect(state: State, remove: bool, new_passphrase_fd: int | None) -> None:
    """Put a passphrase on the master key's file, or another one; whoever copies the file can't use it without.

    Commands and the app ask for it on the terminal, once a run. Without a terminal, it is the first line of a file
    descriptor: `tokentui --passphrase-fd 3 … 3<FILE`, or TOKENTUI_PASSPHRASE_FD=3. A gate is better off with the verify
    key, which takes none. A passphrase that is forgotten can't be had again, and nothing can be opened.

    \b
    tokentui vault protect
    tokentui vault protect --remove
    """
    context = state.context
    unlock(context)
    file = protect_key(context, None if remove else passphrases.new_passphrase(new_passphrase_fd))
    with reporting("the master key's passphrase was changed", "the audit has it"):
        if remove:
            print_line(f"{safe_text(str(file))} opens without a passphrase now")
        else:
            print_line(f"{safe_text(str(file))} opens with the passphrase alone now; copies made before open without")


@vault_command.command("export-verify-key")
@click.argument("file", metavar="[FILE]", required=False, shell_complete=complete_file)
@click.option("--next", "following", is_flag=True, help="That of the master key which `rotate --prepare` has made.")
@click.pass_obj
def export_verify_key_command(state: State, file: str | None, following: bool) -> None:
    """What a gate needs to recognise keys, and can't read a secret with; to a new file of mode 0600, or printed.

    A gate takes it from TOKENTUI_VERIFY_KEY_FILE, or from systemd as the credential tokentui-verify-key. Whoever has it
    and the database can try keys, and can make digests: keep it as you keep a password.

    \b
    tokentui vault export-verify-key verify.key
    TOKENTUI_VERIFY_KEY_FILE=verify.key tokentui serve
    """
    with reporting("the verify key was opened", "the audit has it"):
        text = export_verify_key(state.context, None if file is None else file_path(file), following=following)
        if file is None:
            print_line(text)
