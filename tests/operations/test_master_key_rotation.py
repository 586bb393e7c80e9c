"""A new master key, while others read and write: on a file and on a server."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from tests.factories import make_many, make_token
from tokentui import audit
from tokentui.audit import noted_head
from tokentui.audit.check import check as check_audit
from tokentui.context import Context
from tokentui.crypto import master_key
from tokentui.errors import MasterKeyError, ReadOnly, WrongState
from tokentui.gate import Gate
from tokentui.keyring import key_state
from tokentui.models import Secret
from tokentui.operations import check, master_key_rotation
from tokentui.operations.master_key_rotation import Rotated, rotate
from tokentui.operations.verify_key_export import export_verify_key
from tokentui.records import Action, Issued
from tokentui.tokens import bulk
from tokentui.tokens.secrets import reveal_keys, rotate_token


class Ended(BaseException):
    """Stands for a kill: nothing catches it, and nothing is done after it."""


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(master_key_rotation, "BATCH_ROWS", 4)
    monkeypatch.setattr(master_key_rotation, "_PAUSE_S", 0)


@pytest.fixture
def tokens(context: Context) -> list[Issued]:
    return [make_token(context, f"Token {number}") for number in range(12)]


def file_of(context: Context) -> Path:
    return context.settings.home / master_key.FILE


def header(issued: Issued) -> str:
    assert issued.key is not None
    return f"ApiKey {issued.key.text}"


def assert_whole(context: Context, keys: list[Issued]) -> None:
    """Each key is let in and can be shown, by whoever opens the database now, and the record is as it was written."""
    context._vault = None
    gate = Gate.from_context(context)
    for issued in keys:
        assert gate.verify(header(issued)).allowed
        assert issued.key in [revealed.key for revealed in reveal_keys(context, issued.token.id)]
    gate.close()
    assert all(finding.ok for finding in check.check(context))
    assert check_audit(context).tampering == []


def ended_after(context: Context, batches: int) -> None:
    """A rotation that is ended after so many batches."""
    left = batches

    def tell(done: int, total: int) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Ended

    with pytest.raises(Ended):
        rotate(context, tell)


def test_everything_is_sealed_anew(context: Context, tokens: list[Issued]) -> None:
    """And the key before opens nothing any more; it is kept, for older backups."""
    before = master_key.load(context.settings.home, {})
    seen: list[tuple[int, int]] = []
    result = rotate(context, lambda done, total: seen.append((done, total)))
    former = next(context.settings.home.glob("master.key.former-*"))
    assert result == Rotated(12, 0, file_of(context), former)
    assert seen == [(4, 12), (8, 12), (12, 12)]
    assert master_key.load(context.settings.home, {}) != before
    assert master_key.read(former) == before
    assert {file.stat().st_mode & 0o777 for file in (former, file_of(context))} == {0o600}
    assert not file_of(context).with_name("master.key.next").exists()
    with context.database.read() as session:
        state = key_state(session)
    assert (state.former_master_key, state.former_verify_keys) == (None, None)
    assert_whole(context, tokens)
    old = Context(context.database, context.settings, context.actor, environ={"TOKENTUI_MASTER_KEY_FILE": str(former)})
    with pytest.raises(MasterKeyError):
        old.vault()


def test_the_audit_says_so(context: Context, tokens: list[Issued]) -> None:
    rotate(context)
    finished, begun = audit.entries(context, limit=2)
    assert (begun.action, finished.action) == ("rotate-master-key", "finish-master-key")
    assert finished.changes == {"secrets": (None, 12), "kept": (None, 0)}
    assert all(len(name) == 8 for name in begun.changes["master_key"])


@pytest.mark.parametrize("batches", [1, 2, 3])
def test_one_that_is_ended_goes_on_with_the_next_call(context: Context, tokens: list[Issued], batches: int) -> None:
    """Meanwhile both keys open what they have sealed, in this process and in one that starts now."""
    ended_after(context, batches)
    assert file_of(context).with_name("master.key.next").exists()
    assert_whole(context, tokens)
    tokens.append(make_token(context, "made meanwhile"))
    rotated = rotate_token(context, tokens[11].token.id, overlap=timedelta(hours=1))
    bulk.apply(context, Action.DISABLE, [tokens[0].token.id])
    with context.database.read() as session:
        assert key_state(session).is_rotating
    assert rotate(context).secrets == 12
    assert len(list(context.settings.home.glob("master.key.*"))) == 1
    assert not Gate.from_context(context).verify(header(tokens[0])).allowed
    bulk.apply(context, Action.ENABLE, [tokens[0].token.id])
    assert_whole(context, [*tokens, rotated])


@pytest.mark.parametrize("step", ["_begin", "_seal_batch", "_finish", "_settle"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_one_that_is_ended_between_two_steps(
    context: Context, tokens: list[Issued], monkeypatch: pytest.MonkeyPatch, step: str, moment: str
) -> None:
    do = getattr(master_key_rotation, step)

    def end(*arguments: Any) -> None:
        if moment == "after":
            do(*arguments)
        raise Ended

    with monkeypatch.context() as patched:
        patched.setattr(master_key_rotation, step, end)
        with pytest.raises(Ended):
            rotate(context)
    assert_whole(context, tokens)
    rotate(context)
    assert len(list(context.settings.home.glob("master.key.*"))) in (1, 2)  # 2: it had been done
    assert_whole(context, tokens)


def test_the_files_are_put_in_place_whenever_that_ends(
    context: Context, tokens: list[Issued], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between any two changes of a file, the database's key is in one that is read."""
    from tokentui.crypto import next_key

    def ended(*arguments: object, **options: object) -> None:
        raise Ended

    for call in ("tokentui.crypto.next_key.os.replace", "pathlib.Path.unlink", "tokentui.crypto.next_key._remove"):
        number = len(list(context.settings.home.glob("master.key.former-*")))
        with monkeypatch.context() as patched, suppress(Ended):
            patched.setattr(master_key_rotation, "_settle", ended)
            rotate(context)
        with monkeypatch.context() as patched, suppress(Ended):
            patched.setattr(call, ended)
            rotate(context)
        assert_whole(context, tokens)
        rotate(context)
        assert not file_of(context).with_name("master.key.next").exists()
        # Where the new key had its place already, that call was another rotation.
        assert len(list(context.settings.home.glob("master.key.former-*"))) in (number + 1, number + 2)
        assert_whole(context, tokens)
    assert next_key.former_file(file_of(context), b"\0" * 16).name == "master.key.former-00000000"


def test_a_gate_follows_and_lets_nobody_in_or_out_wrongly(
    context: Context, open_as: Callable[..., Context], tokens: list[Issued]
) -> None:
    """It runs all the time: before, meanwhile and afterwards every valid key is let in, and no other."""
    gate = Gate.from_context(open_as())
    revoked = make_token(context, "revoked")
    bulk.apply(context, Action.DELETE, [revoked.token.id])
    bulk.apply(context, Action.PURGE, [revoked.token.id])
    disabled, rotated = tokens.pop(), tokens.pop()
    bulk.apply(context, Action.DISABLE, [disabled.token.id])
    tokens.append(rotate_token(context, rotated.token.id))
    wrong: list[str] = []
    ends = threading.Event()

    def ask() -> None:
        while not ends.is_set():
            for issued in tokens:
                if not (decision := gate.verify(header(issued))).allowed:
                    wrong.append(f"{issued.token.name}: {decision.reason}")
            wrong.extend(
                issued.token.name for issued in (revoked, disabled, rotated) if gate.verify(header(issued)).allowed
            )

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        rotate(context)
    ends.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    gate.close()


def test_a_gate_with_the_verify_key_alone_needs_the_next_one(
    context: Context, open_as: Callable[..., Context], tokens: list[Issued], tmp_path: Path
) -> None:
    """Beside its own, from before the rotation on. Without it nobody is let in, until it is there."""
    export_verify_key(context, tmp_path / "verify.key")
    other = open_as()
    other.environ = {"TOKENTUI_VERIFY_KEY_FILE": str(tmp_path / "verify.key")}
    gate = Gate.from_context(other)
    assert master_key_rotation.verify_key_handed_out(context) == context.now()
    master_key_rotation.prepare(context)
    export_verify_key(context, tmp_path / "verify.key.next", following=True)
    ended_after(context, 1)
    assert all(gate.verify(header(issued)).allowed for issued in tokens)
    rotate(context)
    assert all(gate.verify(header(issued)).allowed for issued in tokens)
    assert master_key_rotation.verify_key_handed_out(context) is None
    rotate(context)
    for ask in (lambda: gate.verify(header(tokens[0])), gate.check):
        with pytest.raises(MasterKeyError, match="export-verify-key"):
            ask()
    (tmp_path / "verify.key.next").unlink()
    export_verify_key(context, tmp_path / "verify.key.next")
    assert gate.verify(header(tokens[0])).allowed
    gate.close()


def test_a_writer_who_began_under_the_key_before(
    context: Context, open_as: Callable[..., Context], tokens: list[Issued]
) -> None:
    """It has the old vault in memory; what it writes is under the new key all the same."""
    app = open_as()
    app.vault()
    rotate(context)
    made = make_token(app, "after a rotation that it has not seen")
    assert_whole(context, [*tokens, made, rotate_token(app, tokens[0].token.id)][1:])
    other = Context(app.database, app.settings, app.actor, environ={"TOKENTUI_MASTER_KEY_FILE": "/nowhere"})
    bulk.apply(other, Action.DISABLE, [made.token.id])
    assert check_audit(context).unproven == 1


def test_what_is_kept_as_a_digest_alone_goes_on_working(context: Context, tokens: list[Issued]) -> None:
    """Under the verify key of then, however often the master key changes; and no longer than there is such a one."""
    kept = tokens[5].token.id
    with context.database.write() as session:
        session.execute(update(Secret).where(Secret.token_id == kept).values(sealed=None))
        session.commit()
    gate = Gate.from_context(context)
    for _ in range(3):
        assert rotate(context).kept == 1
        assert all(gate.verify(header(issued)).allowed for issued in tokens)
    assert len(context.vault().former_verifiers) == 3
    rotate_token(context, kept)
    assert not gate.verify(header(tokens[5])).allowed
    rotate(context)
    assert context.vault().former_verifiers == ()
    gate.close()


def test_a_seal_that_is_broken_is_left_alone(context: Context, tokens: list[Issued]) -> None:
    with context.database.write() as session:
        session.execute(update(Secret).where(Secret.token_id == tokens[5].token.id).values(sealed=b"\1broken"))
        session.commit()
    assert rotate(context).kept == 1
    assert all(Gate.from_context(context).verify(header(issued)).allowed for issued in tokens)


def test_two_at_once(context: Context, open_as: Callable[..., Context], tokens: list[Issued]) -> None:
    """They do one rotation together, or one after the other; both end."""
    make_many(context, 40)
    contexts = [open_as() for _ in range(3)]
    threads = [threading.Thread(target=rotate, args=(one,)) for one in contexts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not file_of(context).with_name("master.key.next").exists()
    assert_whole(context, tokens)


def test_a_database_without_a_token(context: Context) -> None:
    assert rotate(context).secrets == 0
    assert_whole(context, [make_token(context)])


def test_a_head_that_was_noted_before(context: Context, tokens: list[Issued]) -> None:
    """It is still compared with, so that an older copy is told."""
    head = check_audit(context).head
    assert head is not None
    noted_head.note(context, head, context.now())
    rotate(context)
    assert noted_head.read(context) == head
    assert check_audit(context, noted_head.read(context)).tampering == []


def test_a_key_that_is_no_file(context: Context, tokens: list[Issued]) -> None:
    """The new one is found in the home by whoever has it, and is to be put where the old one is from."""
    environ = {"TOKENTUI_MASTER_KEY": file_of(context).read_text()}
    context.environ = environ
    result = rotate(context)
    assert (result.key_file.name, result.former_file) == ("master.key.next", None)
    assert_whole(context, tokens)
    with pytest.raises(WrongState, match=r"put the key in .*master.key.next into TOKENTUI_MASTER_KEY, and remove"):
        rotate(context)
    environ["TOKENTUI_MASTER_KEY"] = result.key_file.read_text()
    assert rotate(context).secrets == 12
    assert_whole(context, tokens)


def test_a_home_that_can_not_be_written(context: Context, tokens: list[Issued], tmp_path: Path) -> None:
    """It is said before anything is changed."""
    link = tmp_path / "elsewhere" / "gone"
    context.environ = {"TOKENTUI_MASTER_KEY_FILE": str(link)}
    with pytest.raises(MasterKeyError):
        rotate(context)
    context.environ = {}
    context.database.read_only = True
    with pytest.raises(ReadOnly):
        rotate(context)
    context.database.read_only = False
    assert_whole(context, tokens)
