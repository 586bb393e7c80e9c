"""The map in CONTRIBUTING.md is the tree."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def on_the_map() -> set[str]:
    """The folders and files of the map, by their path from the root; a folder ends with a slash."""
    drawn = re.search(r"<!-- map -->\n```\n(.*?)```", TEXT, re.DOTALL)
    assert drawn is not None
    paths: set[str] = set()
    above: list[str] = []
    for line in drawn[1].splitlines():
        name, _, meaning = line.strip().partition(" ")
        depth = (len(line) - len(line.lstrip())) // 2
        path = "".join(above[:depth]) + name
        assert meaning.strip() or path == "tokentui/", f"{path} has no line that says what it is"
        paths.add(path)
        if name.endswith("/"):
            above[depth:] = [name]
    return paths


def folders_of(top: str) -> set[str]:
    """The packages below a folder of the repository, and itself."""
    listed = subprocess.run(["git", "ls-files", top], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    inits = {Path(name).parent for name in listed.split() if name.endswith("/__init__.py")}
    return {f"{folder}/" for folder in inits if folder.name != "versions"}


def test_every_folder_is_on_the_map_and_no_other() -> None:
    """A new folder is drawn, one that went is taken off."""
    drawn = {path for path in on_the_map() if path.startswith(("tokentui/", "screens/")) and path.endswith("/")}
    assert drawn == folders_of("tokentui") | folders_of("screens")


def test_every_loose_module_is_on_the_map() -> None:
    """Few stand outside a folder: a newcomer reads them first."""
    drawn = {path for path in on_the_map() if path.startswith("tokentui/") and path.count("/") == 1 and path[-1] != "/"}
    there = {f"tokentui/{path.name}" for path in (ROOT / "tokentui").glob("*.py") if path.name != "__init__.py"}
    assert drawn == there
    assert len(there) <= 12


def test_each_file_that_is_named_is_there() -> None:
    """A walk that leads to a file which is gone leads astray."""
    tree = {
        str(path.relative_to(ROOT)) for top in ("tokentui", "screens", "tests") for path in (ROOT / top).rglob("*.*")
    }
    for name in re.findall(r"`([a-z_]+(?:/[a-z_]+)*\.(?:py|toml))`", TEXT):
        assert any(path == name or path.endswith(f"/{name}") for path in tree) or (ROOT / name).exists(), name
