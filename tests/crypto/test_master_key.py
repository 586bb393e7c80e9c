"""Where the master key comes from, and that it is made once, whole, and for its owner alone."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.factories import make_token
from tokentui.context import Context
from tokentui.crypto import master_key
from tokentui.errors import MasterKeyError

pytestmark = pytest.mark.filterwarnings("ignore::tokentui.crypto.master_key.MasterKeyExposed")

KEY = bytes(range(32))
ENCODED = base64.b64encode(KEY)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home."""
    place = tmp_path / "home"
    place.mkdir()
    return place


def held(file: Path, number: int) -> Path:
    """A file that holds the master key made of this byte."""
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(base64.b64encode(bytes([number]) * 32) + b"\n")
    return file


def test_the_sources_in_their_order(home: Path, tmp_path: Path) -> None:
    """INTERFACES: the variable, the file that it names, systemd's credential, the home; the first that is set wins."""
    environ: dict[str, str] = {}
    assert master_key.load(home, environ) is None
    held(home / "master.key", 1)
    assert master_key.load(home, environ) == b"\x01" * 32
    environ["CREDENTIALS_DIRECTORY"] = str(tmp_path / "credentials")
    assert master_key.load(home, environ) == b"\x01" * 32  # of another service's credentials there is none for us
    held(tmp_path / "credentials/tokentui-master-key", 2)
    assert master_key.load(home, environ) == b"\x02" * 32
    environ["TOKENTUI_MASTER_KEY_FILE"] = str(tmp_path / "named.key")
    assert master_key.load(home, environ) is None  # one that was named is never another
    held(tmp_path / "named.key", 3)
    assert master_key.load(home, environ) == b"\x03" * 32
    environ["TOKENTUI_MASTER_KEY"] = base64.b64encode(b"\x04" * 32).decode()
    assert master_key.load(home, environ) == b"\x04" * 32
    assert master_key.path(home, environ) is None


def test_empty_variables_are_not_set(home: Path) -> None:
    empty = {"TOKENTUI_MASTER_KEY": "", "TOKENTUI_MASTER_KEY_FILE": "", "CREDENTIALS_DIRECTORY": ""}
    assert master_key.path(home, empty) == home / "master.key"


def test_a_tilde_is_somebody_s_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(home))
    held(home / "mine.key", 5)
    assert master_key.load(home, {"TOKENTUI_MASTER_KEY_FILE": "~/mine.key"}) == b"\x05" * 32
    nobody = {"TOKENTUI_MASTER_KEY_FILE": "~nosuchuser/mine.key"}
    assert master_key.load(home, nobody) is None
    with pytest.raises(MasterKeyError, match=r"~nosuchuser/mine.key can't be made"):
        master_key.make(home, nobody)


@pytest.mark.parametrize("content", [ENCODED, ENCODED + b"\n", b"  " + ENCODED + b"\r\n", KEY, b"\n" * 32])
def test_a_file_holds_the_key_as_base64_or_as_it_is(home: Path, content: bytes) -> None:
    (home / "master.key").write_bytes(content)
    assert master_key.load(home, {}) == (content if len(content) == 32 else KEY)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\n", b"x", KEY[:31], KEY + b"\n\n\x00", ENCODED[:-1], ENCODED[:-4], ENCODED * 2, b"0" * 64,
        base64.b64encode(KEY[:31]), base64.b64encode(KEY + b"x"), base64.urlsafe_b64encode(b"\xff" * 32),
        ENCODED[:10] + b" " + ENCODED[10:], b"\xff\xfe" + ENCODED, ENCODED.decode().encode("utf-16"), b"\x00" * 10_000,
    ],
)  # fmt: skip
def test_a_wrong_length_or_other_content_is_refused_and_not_shown(home: Path, content: bytes) -> None:
    (home / "master.key").write_bytes(content)
    with pytest.raises(MasterKeyError) as raised:
        master_key.load(home, {})
    assert str(raised.value) == f"{home / 'master.key'} does not hold a master key: it is base64 of 32 bytes"
    assert (home / "master.key").read_bytes() == content


@given(st.text(st.characters(codec=None), min_size=1, max_size=60))
@example("\udcff")
def test_any_value_of_the_variable_is_a_key_or_refused(text: str) -> None:
    """Also what is no text: Python shows the bytes of an environment that is not UTF-8 as surrogates."""
    try:
        key = master_key.load(Path("/nowhere"), {"TOKENTUI_MASTER_KEY": text})
    except MasterKeyError as error:
        assert str(error) == "TOKENTUI_MASTER_KEY does not hold a master key: it is base64 of 32 bytes"  # noqa: PT017
    else:
        assert key == base64.b64decode(text)


def test_the_key_is_made_once_for_its_owner_alone(home: Path) -> None:
    before = os.umask(0)  # nor does a loose mask open it to others
    try:
        key = master_key.make(home, {})
    finally:
        os.umask(before)
    file = home / "master.key"
    assert len(key) == 32
    assert master_key.load(home, {}) == key
    assert file.stat().st_mode & 0o777 == 0o600
    content = file.read_bytes()
    assert content == base64.b64encode(key) + b"\n"
    assert master_key.make(home, {}) == key
    assert file.read_bytes() == content
    assert [path.name for path in home.iterdir()] == ["master.key"]  # no draft is left


def test_a_named_file_is_made_where_it_was_named(home: Path, tmp_path: Path) -> None:
    environ = {"TOKENTUI_MASTER_KEY_FILE": str(tmp_path / "named.key")}
    key = master_key.make(home, environ)
    assert master_key.read(tmp_path / "named.key") == key
    assert not list(home.iterdir())


def test_none_is_made_beside_a_variable_or_over_something_else(home: Path) -> None:
    with pytest.raises(MasterKeyError, match="is set"):
        master_key.make(home, {"TOKENTUI_MASTER_KEY": ENCODED.decode()})
    (home / "master.key").write_bytes(b"something else")
    with pytest.raises(MasterKeyError, match="does not hold"):
        master_key.make(home, {})
    assert (home / "master.key").read_bytes() == b"something else"


def test_processes_that_are_first_at_once_agree(home: Path) -> None:
    """Each waits for the word, then makes one: all must go on with the same."""
    code = (
        "import sys, pathlib; from tokentui.crypto import master_key; print('ready', flush=True); sys.stdin.read(1);"
        "sys.stdout.write(master_key.make(pathlib.Path(sys.argv[1]), {}).hex())"
    )
    makers = [
        subprocess.Popen([sys.executable, "-c", code, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    for maker in makers:
        assert maker.stdout is not None
        assert maker.stdout.readline() == b"ready\n"
    for maker in makers:
        assert maker.stdin is not None
        maker.stdin.write(b"x")
        maker.stdin.flush()
    made = {maker.communicate(timeout=60)[0] for maker in makers}
    assert [maker.returncode for maker in makers] == [0] * 4
    assert made == {(master_key.load(home, {}) or b"").hex().encode()}
    assert [path.name for path in home.iterdir()] == ["master.key"]


def test_an_unreadable_file_says_why(home: Path) -> None:
    """A directory, a loop, a file in place of a directory: nobody may take these for a key that is missing."""
    (home / "master.key").mkdir()
    with pytest.raises(MasterKeyError, match="can't be read: Is a directory"):
        master_key.load(home, {})
    (home / "loop").symlink_to("loop")
    (home / "file").write_bytes(b"")
    for name in ("loop", "file/master.key", "x" * 300):
        with pytest.raises(MasterKeyError, match="can't be read"):
            master_key.load(home, {"TOKENTUI_MASTER_KEY_FILE": str(home / name)})


def test_a_credential_that_can_t_be_looked_at_is_not_passed_over(home: Path, tmp_path: Path) -> None:
    """The key of the home would be another one."""
    held(home / "master.key", 1)
    with pytest.raises(MasterKeyError, match="can't be read"):
        master_key.load(home, {"CREDENTIALS_DIRECTORY": str(tmp_path / ("x" * 300))})


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_of_somebody_else_is_refused(home: Path) -> None:
    held(home / "master.key", 1).chmod(0)
    with pytest.raises(MasterKeyError, match="check its owner and mode"):
        master_key.load(home, {})


def test_where_it_can_t_be_made_nothing_is(home: Path) -> None:
    """A file in place of the directory, and no directory at all."""
    (home / "file").write_bytes(b"")
    for name in ("file/master.key", "none/master.key"):
        with pytest.raises(MasterKeyError, match="can't be made"):
            master_key.make(home, {"TOKENTUI_MASTER_KEY_FILE": str(home / name)})
    assert [path.name for path in home.iterdir()] == ["file"]


def test_none_is_made_beside_a_database_that_holds_tokens(context: Context) -> None:
    """INTERFACES: the old secrets would be lost behind it."""
    make_token(context)
    file = context.settings.home / "master.key"
    file.rename(file.with_name("moved.key"))
    context._vault = None
    with pytest.raises(MasterKeyError, match="missing"):
        context.vault()
    assert not file.exists()
    file.write_bytes(ENCODED)
    with pytest.raises(MasterKeyError, match="not the one of this database"):
        context.vault()


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/full", "pipe"])
def test_a_path_that_is_no_file_is_refused_at_once(home: Path, name: str) -> None:
    """Reading a device never ends, and opening a pipe waits for somebody who writes."""
    os.mkfifo(home / "pipe")
    with pytest.raises(MasterKeyError, match="is not a file"):
        master_key.read(home / name)


def test_no_more_than_a_bound_is_read(home: Path) -> None:
    with (home / "master.key").open("wb") as stream:
        stream.truncate(1 << 40)
    with pytest.raises(MasterKeyError, match="does not hold a master key"):
        master_key.load(home, {})


def test_one_that_anybody_can_read_is_warned_of(home: Path) -> None:
    """Whoever reads it: a gate in an API, a program with a context of its own."""
    master_key.make(home, {})
    file = home / "master.key"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for mode in (0o600, 0o640):
            file.chmod(mode)
            assert master_key.read(file)
    file.chmod(0o604)
    with pytest.warns(master_key.MasterKeyExposed, match="can be read by anybody on this machine: run `chmod o= "):
        assert master_key.load(home, {})
