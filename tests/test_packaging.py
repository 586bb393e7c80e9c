"""What a wheel holds, and what it does when it is installed into an empty environment."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy of the tree, so that no build folder is left in it."""
    source = tmp_path_factory.mktemp("source")
    names = ["pyproject.toml", "README.md", "LICENSE", "tokentui", "screens", "styles"]
    present = [name for name in names if (ROOT / name).exists()]
    subprocess.run(["cp", "-a", *(str(ROOT / name) for name in present), str(source)], check=True)
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(source)]
    built = subprocess.run(command, capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    return next(out.glob("*.whl"))


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    """Each module, style sheet, migration and the catalogue; nothing outside `tokentui/` but its metadata."""
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    wanted = {
        f"{place}/{file.relative_to(ROOT / folder)}"
        for folder, place in (("tokentui", "tokentui"), ("screens", "tokentui/screens"), ("styles", "tokentui/styles"))
        for file in (ROOT / folder).rglob("*")
        if file.suffix in (".py", ".tcss", ".toml", ".typed") and "__pycache__" not in file.parts
    }
    assert wanted
    assert wanted - held == set()
    assert {name.split("/")[0] for name in held} == {"tokentui", *(n.split("/")[0] for n in held if ".dist-info" in n)}


def test_an_installed_wheel_makes_a_token_and_finds_its_styles(wheel: Path, tmp_path: Path) -> None:
    """Out of the wheel alone (its dependencies come from this environment): schema, catalogue, style sheets."""
    target = tmp_path / "env"
    venv.create(target, with_pip=False, symlinks=True)
    site = next((target / "lib").glob("python*")) / "site-packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    (site / "dependencies.pth").write_text(
        "\n".join(path for path in sys.path if path.endswith("site-packages")), encoding="utf-8"
    )
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TZ": "UTC"}
    program = f"""
import tokentui, pathlib
assert pathlib.Path(tokentui.__file__).is_relative_to({str(site)!r}), tokentui.__file__
from tokentui.cli.main import main
main(["create", "--name", "First", "--all-modules"])
"""
    made = subprocess.run(
        [target / "bin/python", "-c", program], env=environment, cwd=tmp_path, capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr
    assert made.stdout.splitlines()[-1].startswith("SU-")
    program = """
import asyncio
from tokentui.app import TokentuiApp
from tokentui.settings import load
from tokentui.bootstrap import open_context

async def main():
    app = TokentuiApp(open_context(load()))
    async with app.run_test() as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
    assert app.stylesheet.source

asyncio.run(main())
"""
    opened = subprocess.run(
        [target / "bin/python", "-c", program], env=environment, cwd=tmp_path, capture_output=True, text=True
    )
    assert opened.returncode == 0, opened.stderr
