"""Where an access log is sent to: who may, what is left behind, what can't be used."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tokentui.errors import UsageError
from tokentui.usage.access_log import log_socket
from tokentui.usage.access_log.log_socket import bind


def send(path: Path, packet: bytes) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(packet, os.fspath(path))


@pytest.mark.parametrize(
    "address",
    ["", "x", "tcp://127.0.0.1:1", "udp://127.0.0.1", "udp://127.0.0.1:x", "udp://:1", "udp://[::1", "udp://a:1/b"],
)
def test_an_invalid_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match=r"unix:/run/tokentui/access\.sock or udp://127\.0\.0\.1:8766"):
        bind(address)


def test_a_port_that_is_taken() -> None:
    first = bind("udp://127.0.0.1:0")
    with pytest.raises(UsageError, match="can't be listened on"):
        bind(f"udp://127.0.0.1:{first.socket.getsockname()[1]}")
    first.close()


def test_a_unix_socket_is_made_and_removed(tmp_path: Path) -> None:
    """Whoever gets through its directory may write."""
    path = tmp_path / "access.sock"
    bound = bind(f"unix:{path}")
    assert stat.S_IMODE(path.stat().st_mode) == 0o666
    send(path, b"x")
    assert bound.socket.recv(10) == b"x"
    bound.close()
    assert not path.exists()


def test_the_socket_of_a_killed_program_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "access.sock"
    bind(f"unix:{path}").socket.close()
    assert path.is_socket()
    bound = bind(f"unix:{path}")
    send(path, b"x")
    assert bound.socket.recv(10) == b"x"
    bound.close()


def test_a_socket_in_use_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "access.sock"
    first = bind(f"unix:{path}")
    with pytest.raises(UsageError, match="another program does"):
        bind(f"unix:{path}")
    send(path, b"x")
    assert first.socket.recv(10) == b"x"
    first.close()


def test_a_replaced_socket_is_not_removed(tmp_path: Path) -> None:
    path = tmp_path / "access.sock"
    first = bind(f"unix:{path}")
    path.rename(tmp_path / "moved.sock")
    second = bind(f"unix:{path}")
    first.close()
    assert path.is_socket()
    second.close()


@pytest.mark.parametrize("kind", ["file", "directory", "link"])
def test_a_path_that_is_no_socket_is_left_alone(tmp_path: Path, kind: str) -> None:
    path, target = tmp_path / "x", tmp_path / "target"
    target.touch()
    make: dict[str, Callable[[], None]] = {
        "file": path.touch,
        "directory": path.mkdir,
        "link": lambda: path.symlink_to(target),
    }
    make[kind]()
    with pytest.raises(UsageError, match="is no socket"):
        bind(f"unix:{path}")
    assert path.exists()


@pytest.mark.parametrize("name", ["", "/nowhere/access.sock", "/" + "x" * 200, "/a\0b"])
def test_a_path_that_can_not_be_used(name: str) -> None:
    with pytest.raises(UsageError) as refused:
        bind(f"unix:{name}")
    assert "\0" not in str(refused.value)


def test_a_directory_that_is_open_to_all_is_warned_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = tmp_path / "max_dgram_qlen"
    queue.write_text("512\n")
    monkeypatch.setattr(log_socket, "_QUEUE_LENGTH", queue)
    monkeypatch.setattr(Path, "parents", property(lambda path: [path.parent]))
    for mode, warned in ((0o755, True), (0o750, False), (0o711, True)):
        tmp_path.chmod(mode)
        bound = bind(f"unix:{tmp_path / 'access.sock'}")
        assert [str(tmp_path) in warning for warning in bound.warnings()] == [True] * warned
        bound.close()


def test_a_short_queue_is_warned_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Linux itself lets ten datagrams wait; systemd makes that 512."""
    tmp_path.chmod(0o700)
    queue = tmp_path / "max_dgram_qlen"
    queue.write_text("10\n")
    monkeypatch.setattr(log_socket, "_QUEUE_LENGTH", queue)
    bound = bind(f"unix:{tmp_path / 'access.sock'}")
    (warning,) = bound.warnings()
    assert "sysctl -w net.unix.max_dgram_qlen=512" in warning
    bound.close()
