"""`tokentui catalog`: shows the catalogue as TOML, and imports one."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tokentui import catalog
from tokentui.cli.completing import complete_file
from tokentui.cli.failures import reporting
from tokentui.cli.output import json_option, print_json, print_line
from tokentui.cli.passphrase import unlock
from tokentui.cli.state import State
from tokentui.cli.streams import output_is_utf8
from tokentui.errors import UsageError
from tokentui.records import Catalog, ExtensionRecord
from tokentui.settings import MAX_TEXT_FILE, read_limited
from tokentui.ui.text import escape_toml


@click.group()
def catalog_command() -> None:
    """Extensions and modules.

    \b
    tokentui catalog show > catalog.toml
    """


@catalog_command.command("show")
@json_option
@click.pass_obj
def show(state: State, as_json: bool) -> None:
    """The catalogue as TOML, which `import` reads.

    \b
    tokentui catalog show > catalog.toml
    """
    shown = catalog.load(state.context)
    if as_json:
        print_json(_json(shown))
    else:
        text = escape_toml(catalog.to_toml(shown), ascii_only=not output_is_utf8())
        sys.stdout.write(text)


@catalog_command.command("import")
@click.argument("file", metavar="FILE", shell_complete=complete_file)
@json_option
@click.pass_obj
def import_(state: State, file: str, as_json: bool) -> None:
    """Replace the catalogue by a TOML file (`-`: standard input); refused where a token uses what it lacks.

    \b
    tokentui catalog import catalog.toml
    """
    unlock(state.context)
    new = catalog.import_catalog(state.context, _text_of(file))
    with reporting("the catalogue was replaced", "see `tokentui catalog show`"):
        if as_json:
            print_json(_json(new))
        else:
            print_line(f"{len(new.extensions)} extensions, {len(new.modules)} modules")


def _text_of(file: str) -> str:
    try:
        content = sys.stdin.buffer.read(MAX_TEXT_FILE + 1) if file == "-" else read_limited(Path(file))
        if len(content) > MAX_TEXT_FILE:
            raise UsageError(f"standard input holds more than {MAX_TEXT_FILE // 1024} KiB", "name a catalogue")
        return content.decode("utf-8-sig")  # as the configuration is read
    except OSError as error:
        raise UsageError(f"{file} can't be read", error.strerror or str(error)) from None
    except ValueError:  # also a path with a NUL
        raise UsageError(f"{file} is not UTF-8 text") from None


def _json(shown: Catalog) -> dict[str, object]:
    return {
        "extensions": [_extension_json(extension) for extension in shown.extensions],
        "modules": [
            {"slug": module.slug, "name": module.name, "paths": list(module.paths)} for module in shown.modules
        ],
    }


def _extension_json(extension: ExtensionRecord) -> dict[str, object]:
    granted: object = "all" if extension.all_modules else list(extension.modules)
    return {
        "slug": extension.slug,
        "name": extension.name,
        "code": extension.code or None,
        "description": extension.description,
        "permissions": "ask" if extension.asks_permissions else granted,
    }
