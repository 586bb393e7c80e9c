"""`tokentui vault`: what it prints, refuses and leaves behind."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.cli.conftest import Tokentui
from tokentui.operations import master_key_rotation

KEY_FILES = "master.key.*"


def test_a_new_master_key(tokentui: Tokentui) -> None:
    """Every key stays as it is, `db check` and `audit --check` pass, and the output says where the two files are."""
    made = [tokentui.make() for _ in range(3)]
    before = (tokentui.home / "master.key").read_text()
    done = tokentui("vault", "rotate")
    (former,) = tokentui.home.glob(KEY_FILES)
    assert (done.status, done.err) == (0, "")
    assert done.out == (
        "3 secrets were sealed anew\n"
        f"The new master key is in {tokentui.home}/master.key: run `tokentui vault backup`\n"
        f"The one before is in {former}: backups of before need it\n"
    )
    assert former.read_text() == before != (tokentui.home / "master.key").read_text()
    for token in made:
        assert tokentui("key", token["id"]).key == token["key"]
        assert tokentui("verify", "--json", stdin=token["key"]).json["allowed"]
    assert tokentui("db", "check").status == tokentui("audit", "--check").status == 0
    assert tokentui("vault", "rotate", "--json").json["secrets"] == 3
    old = tokentui("key", made[0]["id"], TOKENTUI_MASTER_KEY_FILE=str(former))
    assert (old.status, old.out) == (4, "")


def test_an_older_backup_says_which_key_it_needs(tokentui: Tokentui) -> None:
    tokentui.make()
    backup = tokentui.home / "backup.db"
    tokentui("db", "backup", str(backup))
    tokentui("vault", "rotate")
    (former,) = tokentui.home.glob(KEY_FILES)
    refused = tokentui("--db", str(backup), "audit", "--check")
    assert refused.status == 4
    assert str(former) in refused.err
    assert tokentui("--db", str(backup), "db", "check", TOKENTUI_MASTER_KEY_FILE=str(former)).status == 0
    refused = tokentui("db", "restore", str(backup))
    assert (refused.status, str(former) in refused.err) == (4, True)
    assert tokentui("db", "restore", str(backup), TOKENTUI_MASTER_KEY_FILE=str(former)).status == 0
    former.rename(tokentui.home / "master.key")
    assert tokentui("db", "check").status == 0


def test_gates_with_a_verify_key_are_thought_of(tokentui: Tokentui) -> None:
    """It is refused where they would be shut out; what is prepared is for them."""
    tokentui.make()
    tokentui("vault", "export-verify-key")
    refused = tokentui("vault", "rotate")
    assert refused.status == 1
    assert "rotate --prepare" in refused.err
    assert tokentui("vault", "export-verify-key", "--next").status == 1
    prepared = tokentui("vault", "rotate", "--prepare")
    assert prepared.out.startswith(f"{tokentui.home}/master.key.next holds the next master key")
    assert tokentui("vault", "export-verify-key", "--next").out.startswith("tokentui-verify-key-v1:")
    assert tokentui("vault", "rotate").status == 0
    tokentui("vault", "export-verify-key")
    assert tokentui("vault", "rotate", "--yes").status == 0


def test_a_backup_is_made_or_noted(tokentui: Tokentui) -> None:
    tokentui.make()
    copy = tokentui.home / "copy.key"
    assert tokentui("vault", "backup").status == tokentui("vault", "backup", str(copy), "--done").status == 2
    done = tokentui("vault", "backup", str(copy))
    assert done.out == f"{copy} holds the master key: keep it apart from the database's backups\n"
    assert tokentui("vault", "backup", "--done").out == "Noted: there is a copy of the master key\n"
    tokentui("vault", "rotate")
    refused = tokentui("db", "check", TOKENTUI_MASTER_KEY_FILE=str(copy))
    assert refused.status == 1


def test_doctor_tells_of_a_master_key_that_is_half_in_use(tokentui: Tokentui, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what was begun is gone on with."""
    made = tokentui.make()

    def killed(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(master_key_rotation, "_finish", killed)
        stopped = tokentui("vault", "rotate")
    assert stopped.status == 130
    assert "Both master keys work; `tokentui vault rotate` goes on where it was stopped" in stopped.err
    assert "a new one is only half in use: run `tokentui vault rotate` again" in tokentui("doctor").out
    assert tokentui("key", made["id"]).key == made["key"]
    assert tokentui("vault", "rotate").status == 0
    assert "half in use" not in tokentui("doctor").out


PHRASE = "correct horse battery"


def test_a_passphrase_by_file_descriptors(tokentui: Tokentui) -> None:
    """By the option and by the variable; never as an argument. Reading takes none."""
    made = tokentui.make()
    assert tokentui("vault", "protect").status == 2
    with passphrase(PHRASE) as descriptor:
        done = tokentui("vault", "protect", "--new-passphrase-fd", str(descriptor))
    assert (done.status, "opens with the passphrase alone now" in done.out) == (0, True)
    closed = tokentui("key", made["id"])
    assert (closed.status, closed.out) == (4, "")
    assert "protected by a passphrase" in closed.err
    assert tokentui("list", "--json").json[0]["id"] == made["id"]
    with passphrase(PHRASE) as descriptor:
        assert tokentui("--passphrase-fd", str(descriptor), "key", made["id"]).key == made["key"]
    with passphrase("another one") as descriptor:
        assert tokentui("--passphrase-fd", str(descriptor), "key", made["id"]).status == 4
    with passphrase(PHRASE) as descriptor:
        number = str(descriptor)
        assert tokentui("vault", "protect", "--remove", TOKENTUI_PASSPHRASE_FD=number).status == 0
    assert tokentui("key", made["id"]).key == made["key"]
    assert tokentui("audit", "--check").status == 0


@contextmanager
def passphrase(text: str) -> Iterator[int]:
    """A file descriptor that it can be read from."""
    out, into = os.pipe()
    os.write(into, f"{text}\n".encode())
    os.close(into)
    yield out
    os.close(out)


def test_a_passphrase_is_asked_for_on_a_terminal(tokentui: Tokentui) -> None:
    """Once a run, unseen; again where it is wrong."""
    made = tokentui.make()
    with passphrase(PHRASE) as descriptor:
        tokentui("vault", "protect", "--new-passphrase-fd", str(descriptor))
    shown = typed_when_asked(tokentui, "key", made["id"], answers=["wrong one", PHRASE])
    assert made["key"] in shown
    assert PHRASE not in shown
    disabled = typed_when_asked(tokentui, "disable", made["id"], answers=[PHRASE])
    assert "disabled" in disabled
    with passphrase(PHRASE) as descriptor:
        assert "0 written" not in tokentui("--passphrase-fd", str(descriptor), "audit", "--check").out


def typed_when_asked(tokentui: Tokentui, *arguments: str, answers: list[str]) -> str:
    """All that a run of the command shows on a terminal, where each answer is typed once a passphrase is asked for."""
    controller, terminal = pty.openpty()
    command = [sys.executable, "-m", "tokentui", *arguments]
    with subprocess.Popen(
        command, stdin=terminal, stdout=terminal, stderr=terminal, env=tokentui.environment, start_new_session=True
    ) as process:
        os.close(terminal)
        shown, asked = b"", 0
        while select.select([controller], [], [], 30)[0]:
            try:
                chunk = os.read(controller, 65_536)
            except OSError:  # EIO: the other end is closed
                break
            shown += chunk
            while answers and shown.lower().count(b"passphrase") > asked:
                asked += 1
                os.write(controller, f"{answers.pop(0)}\n".encode())
        process.kill()
    os.close(controller)
    return shown.decode()
