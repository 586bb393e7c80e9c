"""Whatever stands on a line, it is a token or a bad line; `bench/imports.py` runs 100 000 of them."""

from __future__ import annotations

import io
from random import Random

from tests.imports.generated_lines import generate
from tokentui import imports
from tokentui.context import Context
from tokentui.imports import Stage
from tokentui.operations import check


def test_each_line_is_a_token_or_a_bad_line(context: Context) -> None:
    lines = list(generate(Random(7), 3_000))
    empty = sum(not line.strip() for line in lines)
    keys = [part.split(b'"')[0].decode("latin-1") for line in lines for part in line.split(b'"key": "')[1:2]]
    reasons: list[str] = []
    with Stage() as stage:
        imports.prepare(context, io.BytesIO(b"".join(lines)), stage, tell=lambda bad: reasons.append(bad.reason))
        imports.load(context, stage)
        assert stage.tokens + stage.bad + empty == len(lines)
        assert stage.tokens > 500
        assert stage.bad > 500
    told = "\n".join(reasons)
    assert "\x1b" not in told
    assert not [key for key in keys if len(key) > 12 and key.startswith(("old-", "SU-")) and key in told]
    assert all(finding.ok for finding in check.check(context))
