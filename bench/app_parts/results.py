"""bench/RESULTS.md: the machine, the versions, and a line for each measure."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

_BEGIN, _END = "<!-- speed -->", "<!-- /speed -->"
_LIBRARIES = ("textual", "rich", "sqlalchemy")


@dataclass(frozen=True)
class Row:
    """A measure; `target` is the most that it may be, where there is one. README's table has the headlines."""

    what: str
    value: float
    unit: str
    target: float | None
    is_headline: bool = False

    @property
    def is_met(self) -> bool:
        """Whether it is no more than its target."""
        return self.target is None or self.value <= self.target

    def text(self) -> str:
        """As it is printed."""
        return f"{self.what:<78} {_number(self.value):>9} {self.unit:<2} {self._wanted()}"

    def cells(self) -> str:
        """As a row of Markdown."""
        return f"| {self.what} | {_number(self.value)} {self.unit} | {self._wanted()} |"

    def _wanted(self) -> str:
        if self.target is None:
            return ""
        return f"≤ {self.target:g}" + ("" if self.is_met else " MISSED")


def write(path: Path, rows: Sequence[Row], *, rounds: int, load: float) -> None:
    """Writes the file anew. `load` is the machine's when the run began."""
    versions = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    lines = [
        "# What the app costs",
        "",
        "Written by `make bench`: ratios of one run, medians of rounds that took turns. × is against the other program",
        "of the line, measured in the same round. The app is the wheel, in an environment of its own.",
        "",
        f"- {datetime.now(UTC):%Y-%m-%d}, {rounds} rounds, a pseudo-terminal of 120 × 40 with true colours",
        f"- {_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}; "
        f"load {load:.1f} before, {os.getloadavg()[0]:.1f} after",
        f"- Python {platform.python_version()}, {versions}, SQLite {sqlite3.sqlite_version}",
        "",
        "| what | measured | target |",
        "| --- | ---: | --- |",
        *(row.cells() for row in rows),
        "",
        "![How each measure grows with the number of tokens](growth.svg)",
        "",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")


def write_headlines(path: Path, rows: Sequence[Row]) -> None:
    """Writes README's table, between its marks."""
    text = path.read_text(encoding="utf-8")
    start, end = text.index(_BEGIN) + len(_BEGIN), text.index(_END)
    lines = ["| what | measured | target |", "| --- | ---: | --- |", *(row.cells() for row in rows if row.is_headline)]
    path.write_text("\n".join([text[:start], *lines, text[end:]]), encoding="utf-8")


def _number(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
