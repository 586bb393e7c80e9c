"""A master key that takes a passphrase: through commands' services, a rotation, a backup and a gate."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.factories import make_token
from tokentui import audit
from tokentui.audit.check import check as check_audit
from tokentui.context import Context
from tokentui.crypto import master_key, protection
from tokentui.crypto.protection import ScryptFigures, is_protected, session
from tokentui.errors import MasterKeyError, WrongState
from tokentui.gate import Gate
from tokentui.operations.master_key_backup import backup
from tokentui.operations.master_key_protection import protect
from tokentui.operations.master_key_rotation import prepare, rotate
from tokentui.records import Action
from tokentui.tokens import bulk
from tokentui.tokens.secrets import reveal_keys

PASSPHRASE = b"correct horse battery"


@pytest.fixture(autouse=True)
def _new_session(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    session.forget()
    monkeypatch.setattr(protection, "USUAL", ScryptFigures(n=16))
    yield
    session.forget()


def test_the_file_opens_with_the_passphrase_alone(context: Context, open_as: Callable[..., Context]) -> None:
    issued = make_token(context)
    file = protect(context, PASSPHRASE)
    assert is_protected(file.read_bytes())
    assert file.stat().st_mode & 0o777 == 0o600
    session.forget()
    other = open_as()
    with pytest.raises(MasterKeyError, match="protected by a passphrase"):
        reveal_keys(other, issued.token.id)
    with pytest.raises(MasterKeyError):
        Gate.from_context(other)
    session.remember(PASSPHRASE)
    assert [revealed.key for revealed in reveal_keys(other, issued.token.id)] == [issued.key]
    assert issued.key is not None
    assert Gate.from_context(other).verify(f"ApiKey {issued.key.text}").allowed
    protect(other, b"another passphrase")
    session.forget()
    session.remember(PASSPHRASE)
    with pytest.raises(MasterKeyError, match="does not open"):
        open_as().vault()
    session.remember(b"another passphrase")
    protect(other, None)
    session.forget()
    assert open_as().vault()
    actions = [entry.action for entry in audit.entries(context, limit=5)]
    assert actions == ["unprotect-master-key", "protect-master-key", "reveal", "protect-master-key", "create"]


def test_nobody_is_asked_while_a_change_holds_the_database(context: Context, open_as: Callable[..., Context]) -> None:
    """A colleague without the passphrase can disable a token; the entry is not proven."""
    issued = make_token(context)
    protect(context, PASSPHRASE)
    session.forget()
    session.ask = lambda text: pytest.fail("asked inside a transaction")
    bulk.apply(open_as(), Action.DISABLE, [issued.token.id])
    session.ask = None
    session.remember(PASSPHRASE)
    assert check_audit(context).unproven == 1


def test_a_new_master_key_keeps_the_passphrase(context: Context, open_as: Callable[..., Context]) -> None:
    """Its file and that of the one before, at each moment."""
    issued = make_token(context)
    protect(context, PASSPHRASE)
    prepare(context)
    home = context.settings.home
    assert is_protected((home / "master.key.next").read_bytes())
    with pytest.raises(WrongState, match="prepared"):
        protect(context, None)
    rotate(context)
    files = list(home.glob("master.key*"))
    assert len(files) == 2
    assert all(is_protected(file.read_bytes()) for file in files)
    session.forget()
    session.remember(PASSPHRASE)
    assert [revealed.key for revealed in reveal_keys(open_as(), issued.token.id)] == [issued.key]


def test_a_gate_that_runs_follows_to_the_next_key(context: Context, open_as: Callable[..., Context]) -> None:
    issued = make_token(context)
    protect(context, PASSPHRASE)
    gate = Gate.from_context(open_as())
    rotating = threading.Thread(target=rotate, args=(context,))
    rotating.start()
    assert issued.key is not None
    while rotating.is_alive():
        assert gate.verify(f"ApiKey {issued.key.text}").allowed
    assert gate.verify(f"ApiKey {issued.key.text}").allowed
    gate.close()


def test_a_backup_stays_protected(context: Context, tmp_path: Path) -> None:
    context.vault()
    protect(context, PASSPHRASE)
    backup(context, tmp_path / "copy.key")
    assert (tmp_path / "copy.key").read_bytes() == (context.settings.home / "master.key").read_bytes()


def test_a_key_that_is_no_file(context: Context) -> None:
    context.vault()
    context.environ = {"TOKENTUI_MASTER_KEY": (context.settings.home / master_key.FILE).read_text()}
    with pytest.raises(WrongState, match="no file of its own"):
        protect(context, PASSPHRASE)
