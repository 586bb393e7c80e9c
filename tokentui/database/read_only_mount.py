"""Whether nobody can write where a file is, so that SQLite may read it without the locks that it can't take there."""

from __future__ import annotations

import os
from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")
# Others may write what is mounted here read-only.
_SHARED = ("nfs", "cifs", "smb", "9p", "fuse", "ceph", "virtiofs", "overlay", "gfs", "ocfs", "lustre")


def is_read_only_mount(path: Path) -> bool:
    """Whether the file is on a mount that this machine lets nobody write through."""
    try:
        return bool(os.statvfs(path).f_flag & os.ST_RDONLY)
    except OSError:
        return False


def is_immutable(path: Path) -> bool:
    """Whether the file system itself is read-only, and local: a read-only bind mount has writers elsewhere."""
    if not is_read_only_mount(path):
        return False
    device = os.stat(path).st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    try:
        lines = _MOUNTS.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return False
    for line in lines:
        # proc(5): ID, parent, major:minor, root, mount point, options, optional fields, "-", type, source, its options
        mount, _, filesystem = line.partition(" - ")
        if mount.split(" ")[2] == number:
            kind, _, options = filesystem.split(" ")
            return "ro" in options.split(",") and not kind.startswith(_SHARED)
    return False
