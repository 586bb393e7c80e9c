"""A database that two operators of one group share: processes of users who are real to the kernel.

Their names stand in an `/etc/passwd` and `/etc/group` that only these processes see, in a mount namespace of their own:
the machine's own are left alone, and a run that is killed leaves no user behind.
"""

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
IDS = {GROUP: 64100, OWNER: 64101, MEMBER: 64102, STRANGER: 64103}
"""The users' and the group's. Carl is not in the group."""

REPOSITORY = Path(__file__).resolve().parents[2]


def can_unshare() -> bool:
    """Whether this process may make a mount namespace, and has what the tests need in it."""
    if os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("runuser"):
        return False
    return subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode == 0


pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not can_unshare(), reason="only root can act as other users, in a mount namespace"),
]


def mount_python() -> str:
    """Shell commands for a mount namespace, that let other users run a Python that is in root's home."""
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


class Shared:
    """A home of mode 2770 that belongs to Alice and the group."""

    def __init__(self, place: Path) -> None:
        self.home = place / "home"
        self.home.mkdir()
        self.database = self.home / "tokens.db"
        os.chown(self.home, IDS[OWNER], IDS[GROUP])
        self.home.chmod(0o2770)
        users = "".join(f"{user}:x:{IDS[user]}:{IDS[user]}::/:/bin/sh\n" for user in (OWNER, MEMBER, STRANGER))
        own_groups = "".join(f"{user}:x:{IDS[user]}:\n" for user in (OWNER, MEMBER, STRANGER))
        self._passwd, self._group = place / "passwd", place / "group"
        self._passwd.write_text(Path("/etc/passwd").read_text() + users)
        self._group.write_text(
            Path("/etc/group").read_text() + own_groups + f"{GROUP}:x:{IDS[GROUP]}:{OWNER},{MEMBER}\n"
        )

    def run_in_namespace(self, command: str) -> subprocess.CompletedProcess[str]:
        """Runs a shell command as root, where the users have names."""
        names = f"mount --bind {self._passwd} /etc/passwd; mount --bind {self._group} /etc/group;"
        return subprocess.run(
            ["unshare", "--mount", "sh", "-ec", f"{names} {mount_python()} exec {command}"],
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
            timeout=120,
        )

    def python(
        self, user: str, *arguments: str, umask: str = "077", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Runs Python as this user, who has set these variables."""
        variables = [f"{name}={value}" for name, value in environment.items()]
        program = shlex.join(["env", *variables, sys.executable, *arguments])
        return self.run_in_namespace(
            shlex.join(["runuser", "-u", user, "--", "sh", "-c", f"umask {umask}; cd {REPOSITORY}; exec {program}"])
        )

    def __call__(
        self, user: str, *arguments: str, umask: str = "077", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Runs `tokentui` as this user."""
        return self.python(user, "-m", "tokentui", *arguments, umask=umask, **environment)

    def done(self, user: str, *arguments: str, umask: str = "077", **environment: str) -> str:
        """What it printed; it must not fail."""
        result = self(user, *arguments, umask=umask, **environment)
        assert result.returncode == 0, result.stderr
        return result.stdout


@pytest.fixture
def shared() -> Iterator[Shared]:
    place = Path(tempfile.mkdtemp(prefix="tokentui-users-"))
    place.chmod(0o755)
    try:
        yield Shared(place)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def made(shared: Shared, mode: int) -> str:
    """The ID of a token that Alice made; her database then has this mode."""
    token = shared.done(OWNER, "create", "--name", "Leaked", "--all-modules", "--json")
    for file in shared.database, shared.home / "master.key":
        os.chown(file, -1, IDS[GROUP])
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


GATE = """
import sys
from datetime import timedelta
from pathlib import Path
from tokentui.gate.store.sqlite import SqliteConnection
connection = SqliteConnection(Path(sys.argv[1]), timedelta(seconds=5))
print(connection.changed(), len(connection.rows("SELECT id FROM tokens")))
"""


def test_a_gate_never_locks_the_owner_out(shared: Shared) -> None:
    """It runs as Bob, who may only read, and is the first to open the database; Alice revokes the leaked token."""
    token = made(shared, 0o640)
    result = shared.python(MEMBER, "-c", GATE, str(shared.database))
    assert (result.returncode, result.stdout) == (0, "True 1\n"), result.stderr
    assert Path(f"{shared.database}-shm").exists()
    shared.done(OWNER, "disable", token)


def test_two_operators_of_one_group(shared: Shared) -> None:
    """Both write, in turns; each sees what the other did."""
    token = made(shared, 0o660)
    for _ in range(3):
        shared.done(MEMBER, "disable", token)
        shared.done(OWNER, "enable", token)
        shared.done(MEMBER, "rotate", token)
    assert MEMBER in shared.done(OWNER, "audit")


def test_who_acts_is_the_account_of_the_real_user(shared: Shared) -> None:
    """Whatever the environment says; `SUDO_USER` counts where it is root's. Where from is what SSH says: a claim."""
    token = made(shared, 0o660)
    names = dict.fromkeys(("LOGNAME", "USER", "LNAME", "USERNAME"), "mallory")
    shared.done(MEMBER, "disable", token, **names)
    shared.done(OWNER, "enable", token, **names, SUDO_USER=MEMBER, SSH_CONNECTION="203.0.113.5 50000 10.0.0.1 22")
    shared.done("root", "disable", token, **names)
    shared.done("root", "enable", token, **names, SUDO_USER=STRANGER)
    shared.done("root", "disable", token, **names, SUDO_USER="nobody-of-this-name")
    entries = json.loads(shared.done(OWNER, "audit", token, "--json"))
    acted = [(entry["actor"], entry["origin"]) for entry in reversed(entries)][1:]
    assert acted == [
        (MEMBER, "local"), (OWNER, "203.0.113.5"), ("root", "local"), (STRANGER, "local"), ("root", "local"),
    ]  # fmt: skip


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
        os.chown(file, IDS[MEMBER], IDS[GROUP])
        file.chmod(0o640)
    result = shared(OWNER, "disable", token)
    assert result.returncode == 3
    assert "tokens.db-wal and tokens.db-shm belong to ttui_bob" in result.stderr
    command = result.stderr.split("`")[1]
    finding = shared(OWNER, "doctor").stdout
    assert command in finding
    mended = shared.run_in_namespace(shlex.join(["sh", "-c", command.replace("sudo ", "")]))
    assert mended.returncode == 0, mended.stderr
    shared.done(OWNER, "disable", token)


def test_an_owner_who_is_not_in_the_group_is_not_locked_out(shared: Shared) -> None:
    """Carl owns the database; Bob is told why he can't read it while Carl's program is not running."""
    token = made(shared, 0o640)
    for file in shared.database, shared.home:
        os.chown(file, IDS[STRANGER], -1)
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
