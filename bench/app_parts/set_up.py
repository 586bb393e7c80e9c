"""Environments of the bench's own, in `bench/.venv`: the wheel as people install it, and each peer by itself."""

from __future__ import annotations

import shutil
import subprocess
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PLACE = ROOT / "bench" / ".venv"


def wheel() -> Path:
    """The Python of an environment with the wheel of the tree as it is now."""
    place = PLACE / "app"
    python = place / "bin" / "python"
    if not python.exists():
        venv.create(place, with_pip=True, clear=True)
        _pip(python, "-c", str(ROOT / "constraints.txt"), str(ROOT))
    else:
        _pip(python, "--force-reinstall", "--no-deps", str(ROOT))
    shutil.rmtree(ROOT / "build", ignore_errors=True)  # else the next wheel has what is deleted by then
    return python


def peer(name: str) -> Path | None:
    """Another program; None where it can't be installed."""
    place = PLACE / f"app-{name}"
    program = place / "bin" / name
    if not program.exists():
        venv.create(place, with_pip=True, clear=True)
        try:
            _pip(place / "bin" / "python", name)
        except subprocess.CalledProcessError:
            return None
    return program


def _pip(python: Path, *arguments: str) -> None:
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    subprocess.run(command, check=True, timeout=300)
