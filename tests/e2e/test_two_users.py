"""A database that two operators of one group share: real users, as `useradd` makes them, and real processes."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

GROUP, OWNER, MEMBER, STRANGER = "ttui_ops", "ttui_alice", "ttui_bob", "ttui_carl"

REPOSITORY = Path(__file__).resolve().parents[2]

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        os.geteuid() != 0 or not shutil.which("useradd") or not shutil.which("runuser"), reason="only root makes users"
    ),
]


def opened_to_others() -> str:
    """Shell commands for a mount namespace of its own, that let other users run a Python that is in root's home."""
    needed = [Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve(), REPOSITORY]
    for closed in Path("/root"), *Path("/home").glob("*"):
        inside = [path for path in needed if path.is_relative_to(closed)]
        if inside and not closed.stat().st_mode & 0o001:
            pairs = [(f"/run/tokentui-{number}", path) for number, path in enumerate(inside)]
            aside = [f"mkdir -p {place}; mount --bind {path} {place};" for place, path in pairs]
            back = [f"mkdir -p {path}; mount --bind {place} {path};" for place, path in pairs]
            hidden = [f"mount -t tmpfs -o mode=755 tmpfs {closed};"]
            return " ".join(["mount -t tmpfs -o mode=755 tmpfs /run;", *aside, *hidden, *back])
    return ""


def administer(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture(scope="module")
def _users() -> Iterator[None]:
    """Alice and Bob are in the group, Carl is not."""
    administer("groupadd", "--force", GROUP)
    try:
        for user in (OWNER, MEMBER, STRANGER):
            administer("useradd", "--no-create-home", *(() if user == STRANGER else ("--groups", GROUP)), user)
        yield
    finally:
        for user in (OWNER, MEMBER, STRANGER):
            subprocess.run(["userdel", user], check=False, capture_output=True)
        subprocess.run(["groupdel", GROUP], check=False, capture_output=True)


class Shared:
    """A home of mode 2770 that belongs to Alice and the group."""

    def __init__(self, place: Path) -> None:
        self.home = place / "home"
        self.home.mkdir()
        self.database = self.home / "tokens.db"
        administer("chown", f"{OWNER}:{GROUP}", str(self.home))
        self.home.chmod(0o2770)

    def __call__(self, user: str, *arguments: str, umask: str = "077") -> subprocess.CompletedProcess[str]:
        """Runs `tokentui` as this user."""
        program = shlex.join([sys.executable, "-m", "tokentui", *arguments])
        as_user = shlex.join(
            ["runuser", "-u", user, "--", "sh", "-c", f"umask {umask}; cd {REPOSITORY}; exec {program}"]
        )
        return subprocess.run(
            ["unshare", "--mount", "sh", "-ec", f"{opened_to_others()} exec {as_user}"],
            env={
                "PATH": os.environ["PATH"],
                "HOME": "/nonexistent",
                "TOKENTUI_HOME": str(self.home),
                "LC_ALL": "C.UTF-8",
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def done(self, user: str, *arguments: str, umask: str = "077") -> str:
        """What it printed; it must not fail."""
        result = self(user, *arguments, umask=umask)
        assert result.returncode == 0, result.stderr
        return result.stdout


@pytest.fixture
def shared(_users: None) -> Iterator[Shared]:
    place = Path(tempfile.mkdtemp(prefix="tokentui-users-"))
    place.chmod(0o755)
    try:
        yield Shared(place)
    finally:
        shutil.rmtree(place)


def made(shared: Shared, mode: int) -> str:
    """The ID of a token that Alice made; her database then has this mode."""
    token = shared.done(OWNER, "create", "--name", "Leaked", "--all-modules", "--json")
    administer("chgrp", GROUP, str(shared.database), str(shared.home / "master.key"))
    shared.database.chmod(mode)
    (shared.home / "master.key").chmod(0o640)
    return str(json.loads(token)["id"])


@pytest.mark.parametrize(
    ("mode", "setgid", "umask"),
    [(0o640, True, "077"), (0o640, False, "022"), (0o660, True, "022"), (0o660, False, "077")],
)
def test_a_reader_never_locks_the_owner_out(shared: Shared, mode: int, setgid: bool, umask: str) -> None:
    """Bob looks, in whatever way; Alice disables the token that leaked."""
    token = made(shared, mode)
    if not setgid:
        shared.home.chmod(0o770)
    assert token in shared.done(MEMBER, "list", umask=umask)
    assert token in shared.done(MEMBER, "--read-only", "audit", umask=umask)
    shared.done(OWNER, "disable", token)
    assert "disabled" in shared.done(MEMBER, "show", token, umask=umask).lower()
    shared.done(OWNER, "enable", token)


def test_two_operators_of_one_group(shared: Shared) -> None:
    """Both write, in turns; each sees what the other did."""
    token = made(shared, 0o660)
    for _ in range(3):
        shared.done(MEMBER, "disable", token)
        shared.done(OWNER, "enable", token)
        shared.done(MEMBER, "rotate", token)
    assert MEMBER in shared.done(OWNER, "audit")


def test_a_reader_that_may_not_write_is_told(shared: Shared) -> None:
    token = made(shared, 0o640)
    result = shared(MEMBER, "disable", token)
    assert result.returncode == 3
    assert "can't be written" in result.stderr
    assert "Traceback" not in result.stderr


def test_where_the_owner_is_locked_out_the_message_mends_it(shared: Shared) -> None:
    """Both files belong to Bob, with a mode that the owner can't write, as another program may have left them."""
    token = made(shared, 0o640)
    for suffix in ("-wal", "-shm"):
        file = Path(f"{shared.database}{suffix}")
        file.touch()
        administer("chown", f"{MEMBER}:{GROUP}", str(file))
        file.chmod(0o640)
    result = shared(OWNER, "disable", token)
    assert result.returncode == 3
    assert "tokens.db-wal and tokens.db-shm belong to ttui_bob" in result.stderr
    command = result.stderr.split("`")[1]
    finding = shared(OWNER, "doctor").stdout
    assert command in finding
    administer("sh", "-c", command.replace("sudo ", ""))
    shared.done(OWNER, "disable", token)


def test_an_owner_who_is_not_in_the_group_is_not_locked_out(shared: Shared) -> None:
    """Carl owns the database; Bob is told why he can't read it while Carl's program is not running."""
    token = made(shared, 0o640)
    administer("chown", STRANGER, str(shared.database), str(shared.home))
    result = shared(MEMBER, "list")
    assert result.returncode == 3
    assert f"usermod -a -G {GROUP} {STRANGER}" in result.stderr
    assert token in shared.done(STRANGER, "list")


def test_a_directory_that_can_t_be_written_says_why(shared: Shared) -> None:
    """Also the owner's own, of mode 0500: SQLite needs its two files to read beside a writer that may come."""
    made(shared, 0o640)
    shared.home.chmod(0o500)
    result = shared(OWNER, "list")
    assert result.returncode == 3
    assert "SQLite can't make tokens.db-wal and tokens.db-shm" in result.stderr
