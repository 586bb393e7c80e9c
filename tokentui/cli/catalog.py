"""catalog show, catalog import."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tokentui import catalog
from tokentui.cli.output import json_option, print_json
from tokentui.cli.state import State
from tokentui.errors import UsageError
from tokentui.records import Catalog, ExtensionRecord


@click.group()
def catalog_command() -> None:
    """Extensions and modules."""


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
        click.echo(catalog.to_toml(shown), nl=False)


@catalog_command.command("import")
@click.argument("file", metavar="FILE")
@json_option
@click.pass_obj
def import_(state: State, file: str, as_json: bool) -> None:
    """Replace the catalogue by a TOML file (`-`: standard input); refused where a token uses what it lacks.

    \b
    tokentui catalog import catalog.toml
    """
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file} can't be read", error.strerror or str(error)) from None
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not UTF-8 text") from None
    shown = catalog.import_catalog(state.context, text)
    if as_json:
        print_json(_json(shown))
    else:
        click.echo(f"{len(shown.extensions)} extensions, {len(shown.modules)} modules")


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
