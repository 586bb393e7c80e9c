"""`tokentui doctor`: checks of the set-up, with what to do about each finding."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from tokentui.audit import log
from tokentui.cli.db import print_findings
from tokentui.cli.output import json_option
from tokentui.cli.state import State
from tokentui.clock import now
from tokentui.context import Context
from tokentui.crypto import master_key
from tokentui.database.url import parse_url
from tokentui.database.wal_files import mending_command, owner_cannot_write
from tokentui.errors import DatabaseLocked, TokentuiError
from tokentui.keyring import key_state
from tokentui.operations import check, end_to_end
from tokentui.operations.check import Finding
from tokentui.tokens.policy_check import outside_policy
from tokentui.ui import wording
from tokentui.ui.bulk_wording import tokens

_ENOUGH_DISK = 50 * 1024 * 1024
_RELEASED = datetime(2026, 1, 1, tzinfo=UTC)


@click.command()
@click.option("--url", metavar="URL", help="Where clients reach the API.  [default: api_url of the settings]")
@json_option
@click.pass_obj
def doctor_command(state: State, url: str | None, as_json: bool) -> int:
    """Check the set-up and say what to do about each finding.

    With an address of the API, it also asks for a path there, without a key and with that of a token made for it, and
    waits until the response is counted; the token is purged then.

    \b
    tokentui doctor --url https://api.example.com/public/v1
    """
    with _ending_in_order():
        findings = list(_findings(state, url or state.settings.api_url))
    return print_findings(findings, as_json=as_json)


@contextmanager
def _ending_in_order() -> Iterator[None]:
    """Ended from outside, or by an SSH line that drops, the token that was made must go all the same."""
    before = {
        number: signal.signal(number, lambda ended, _: sys.exit(128 + ended))
        for number in (signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _findings(state: State, url: str) -> Iterator[Finding]:
    settings = state.settings
    yield Finding("settings", True, f"from {settings.config_file}" if settings.config_file.exists() else "defaults")
    yield from _mode("home", settings.home, 0o700)
    context: Context | None = None
    try:
        context = state.context
        yield Finding("database", True, str(context.database.path or context.database.name))
    except TokentuiError as error:
        yield Finding("database", False, error.message, error.hint)
    yield from _master_key(settings.home, context)
    # What may be why it can't be opened is looked at all the same.
    if (path := _database_file(settings.database_url)) is not None:
        yield from _mode("database", path, 0o600)
        yield from _wal_files(path)
        yield from _disk(path)
    if context is not None:
        yield from _lock(context)
        yield from check.check(context)
        yield from _policy(context)
        yield from _audit_log(context)
    moment = now()
    fine = moment > _RELEASED
    yield Finding("clock", fine, f"{moment:%Y-%m-%dT%H:%M:%SZ}", "" if fine else "set the machine's clock")
    yield from _terminal()
    if context is not None:
        yield from _chain(context, url)


def _database_file(database_url: str) -> Path | None:
    try:
        return parse_url(database_url)[1]
    except TokentuiError:
        return None


def _chain(context: Context, url: str) -> Iterator[Finding]:
    if not url:
        yield Finding("api", True, "not asked: set api_url, or give --url")
    elif context.database.read_only:
        yield Finding("api", True, "not asked: that needs a token, and the program was started read-only")
    else:
        yield from end_to_end.check(context, url)


def _mode(check: str, path: Path, wanted: int) -> Iterator[Finding]:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        yield Finding(check, True, f"{path} is made at the first use")
        return
    except OSError as error:
        yield Finding(check, False, f"{path} can't be looked at", error.strerror or "check its owner")
        return
    private = not mode & (0o007 if check != "master key" else 0o037)  # a group may share the database
    yield Finding(
        check,
        private,
        f"{path} has mode {mode:04o}",
        "" if private else f"chmod o= {path}" if check != "master key" else f"chmod {wanted:o} {path}",
    )


def _master_key(home: Path, context: Context | None) -> Iterator[Finding]:
    if context is not None and _is_rotating(context):
        yield Finding("master key", False, "a new one is only half in use", "run `tokentui vault rotate` again")
    file = master_key.path(home, os.environ)
    if file is None:
        return
    if context is not None and not os.path.lexists(file) and _has_secrets(context):
        yield Finding("master key", False, f"{file} is missing", "restore it from your backup: no other one fits")
    else:
        yield from _mode("master key", file, 0o600)


def _has_secrets(context: Context) -> bool:
    try:
        return context.belongs_to_master_key()
    except TokentuiError:
        return False  # what is wrong with the database is said where it is checked


def _is_rotating(context: Context) -> bool:
    try:
        with context.database.read() as session:
            return key_state(session).is_rotating
    except TokentuiError:
        return False  # likewise


def _lock(context: Context) -> Iterator[Finding]:
    """Whether the database can be written: takes the lock that every change needs, and changes nothing."""
    if context.database.read_only:
        return
    try:
        with context.database.write():
            yield Finding("writing", True, "the database can be written")
    except DatabaseLocked:
        path = context.database.path
        waited = wording.duration_text(context.settings.busy_timeout)
        remedy = "end what holds it" if path is None else f"end what `fuser -v {path}` names, where that is stuck"
        yield Finding("writing", False, f"another process has held the lock for longer than {waited}", remedy)
    except TokentuiError as error:
        yield Finding("writing", False, error.message, error.hint)


def _policy(context: Context) -> Iterator[Finding]:
    """The tokens that the settings would not let anybody make as they are, a finding for each rule."""
    try:
        outside = list(outside_policy(context))
    except TokentuiError as error:
        yield Finding("policy", False, error.message, error.hint)
        return
    for rule in outside:
        labels = " ".join(rule.labels) + (" …" if rule.number > len(rule.labels) else "")
        message = f"{tokens(rule.number)} {rule.meaning} ({rule.setting}): {labels}"
        yield Finding("policy", False, message, rule.remedy)
    if not outside:
        yield Finding("policy", True, "no token is outside of it")


def _audit_log(context: Context) -> Iterator[Finding]:
    """Whether what the settings name takes entries of the audit; an empty file is made where there is none."""
    if target := context.settings.audit_log:
        reason = log.problem(target)
        remedy = "make it writable for whoever changes tokens" if reason else ""
        yield Finding("audit log", not reason, f"{target}{f': {reason}' if reason else ''}", remedy)


def _wal_files(path: Path) -> Iterator[Finding]:
    files = owner_cannot_write(path)
    if files:
        names = " and ".join(file.name for file in files)
        yield Finding("wal files", False, f"its owner can't write {names}", mending_command(path, files))


def _disk(path: Path) -> Iterator[Finding]:
    try:
        free = shutil.disk_usage(path.parent).free
    except OSError as error:
        yield Finding("disk", False, f"{path.parent} can't be looked at", error.strerror or "check its owner")
        return
    enough = free > _ENOUGH_DISK
    yield Finding("disk", enough, f"{free // 1024 // 1024} MiB free", "" if enough else "free some space")


def _terminal() -> Iterator[Finding]:
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    fine = encoding == "utf8"
    yield Finding("encoding", fine, encoding or "unknown", "" if fine else "set LC_ALL=C.UTF-8")
    term = os.environ.get("TERM", "")
    yield Finding("terminal", True, f"TERM is {term}" if term else "no terminal")
