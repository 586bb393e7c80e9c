"""A copy of the master key, and being reminded of it until there is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.factories import make_token
from tokentui import audit
from tokentui.context import Context
from tokentui.errors import UsageError
from tokentui.operations.master_key_backup import backup
from tokentui.operations.master_key_rotation import rotate
from tokentui.screens.tokens.list_reader import is_backup_due


def test_the_reminder_ends_with_a_copy_and_comes_back_with_another_key(context: Context, tmp_path: Path) -> None:
    assert is_backup_due(context) is None  # there is no key yet
    make_token(context)
    assert is_backup_due(context)
    backup(context, tmp_path / "copy.key")
    assert not is_backup_due(context)
    rotate(context)
    assert is_backup_due(context)
    backup(context, None)
    assert not is_backup_due(context)


def test_the_copy(context: Context, tmp_path: Path) -> None:
    """Is the key, read by nobody else, never over another file, and recorded without the key."""
    copy = tmp_path / "copy.key"
    backup(context, copy)
    assert copy.read_bytes() == (context.settings.home / "master.key").read_bytes()
    assert copy.stat().st_mode & 0o777 == 0o600
    with pytest.raises(UsageError, match="exists"):
        backup(context, copy)
    (entry,) = audit.entries(context)
    assert (entry.action, entry.changes) == ("backup-master-key", {})


def test_nobody_is_reminded_who_could_not_say_so(context: Context) -> None:
    make_token(context)
    context.database.read_only = True
    assert not is_backup_due(context)
    context.database.read_only, context.is_demo = False, True
    assert not is_backup_due(context)
