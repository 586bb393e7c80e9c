"""Imports of a test: lines in, refused ones out."""

from __future__ import annotations

import io
import json
from typing import Any

from tokentui import imports
from tokentui.context import Context
from tokentui.imports import RefusedLine, Stage


def import_lines(context: Context, *lines: dict[str, Any] | str | bytes, dry_run: bool = False) -> list[RefusedLine]:
    """Imports the lines that can be, and returns the others."""
    bad: list[RefusedLine] = []
    with Stage() as stage:
        imports.prepare(context, stream_of(*lines), stage, dry_run=dry_run, tell=bad.append)
        if not dry_run:
            imports.load(context, stage)
        assert sorted(bad, key=lambda line: line.number) == list(stage.bad_lines())
    return bad


def stream_of(*lines: dict[str, Any] | str | bytes) -> io.BytesIO:
    texts = (json.dumps(line, ensure_ascii=False) if isinstance(line, dict) else line for line in lines)
    return io.BytesIO(b"\n".join(text.encode() if isinstance(text, str) else text for text in texts))
