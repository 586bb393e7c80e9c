"""`tokentui import`: what it prints, what it leaves, and that no key is in it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from tests.cli.conftest import Tokentui

KEY = "sk_live_51HabcdefghijklmnoP"
SHA256 = hashlib.sha256(b"an older key").hexdigest()
GOOD = [
    {"name": "Billing", "key": KEY, "permissions": "*"},
    {"name": "Older", "sha256": SHA256, "permissions": ["usage"]},
    {"name": "Bare", "extension": "zapier"},
]
BAD = {"name": "Billing", "key": KEY, "permissions": "*"}


def lines(*objects: object) -> str:
    return "".join(f"{json.dumps(line)}\n" for line in objects)


def test_all_or_nothing(tokentui: Tokentui, tmp_path: Path) -> None:
    """From a file or standard input; what is wrong is told by its line."""
    file = tmp_path / "tokens.jsonl"
    file.write_text(lines(*GOOD, BAD), encoding="utf-8")
    checked = tokentui("import", str(file), "--dry-run")
    assert (checked.status, checked.out) == (1, "3 tokens could be imported; 1 bad line\n")
    assert not (tokentui.home / "master.key").exists()
    refused = tokentui("import", str(file))
    assert (refused.status, refused.out) == (1, "Imported nothing: 1 bad line; --skip-bad leaves them out\n")
    assert "tokentui: line 4: the key is that of line 1 too\n" in refused.err
    assert tokentui("list", "--json").json == []
    done = tokentui("import", "-", "--json", stdin=lines(*GOOD))
    assert (done.status, done.json["tokens"], done.json["refused"]) == (0, 3, [])
    listed = tokentui("list", "--json", "--sort", "created").json
    assert {token["id"] for token in listed} == set(done.json["done"])
    for said in ("1 token by SHA-256: their keys can't be shown", "1 token without a key"):
        assert said in done.err
    shown = tokentui("key", done.json["done"][0])
    assert (shown.status, shown.out) == (0, f"{KEY}\n")
    hidden = tokentui("key", done.json["done"][1])
    assert (hidden.status, "can't be shown" in hidden.err) == (1, True)
    for command in (("list", "--json"), ("audit", "--json"), ("export",), ("show", done.json["done"][0])):
        printed = tokentui(*command)
        assert KEY not in printed.out + printed.err
        assert SHA256 not in printed.out + printed.err
    assert tokentui("audit", "--check").status == 0


def test_bad_lines_are_left_out_where_that_is_asked_for(tokentui: Tokentui) -> None:
    """The line's number and why, as JSON too."""
    done = tokentui("import", "-", "--skip-bad", "--json", stdin="\n" + lines(BAD, BAD, {"nam": "x"}))
    assert (done.status, len(done.json["done"])) == (0, 1)
    assert done.json["refused"] == [
        {"line": 3, "reason": "the key is that of line 2 too"},
        {"line": 4, "reason": "there is no field 'nam': did you mean name?"},
    ]
    again = tokentui("import", "-", "--skip-bad", stdin=lines(BAD))
    assert again.out == "Imported no token, left out 1 bad line\n"
    assert "the key is that of SU-" in again.err
    assert KEY not in done.out + done.err + again.out + again.err


def test_a_key_that_can_be_guessed_is_warned_of(tokentui: Tokentui) -> None:
    done = tokentui("import", "-", stdin=lines({"name": "x", "key": "abc", "permissions": "*"}))
    assert (done.status, done.out) == (0, "Imported 1 token\n")
    assert "warning: 1 token with a key of less than 16 characters, which can be guessed" in done.err


def test_verify_says_which_token_a_key_is_of(tokentui: Tokentui) -> None:
    """Under any scheme, and alone."""
    (token_id,) = tokentui("import", "-", "--json", stdin=lines(GOOD[0])).json["done"]
    for text in (KEY, f"Bearer {KEY}", f"Authorization: Token {KEY}"):
        verified = tokentui("verify", "--json", stdin=text).json
        assert (verified["allowed"], verified["id"]) == (True, token_id)
    refused = tokentui("verify", "--json", stdin=KEY[:-1])
    assert (refused.status, refused.json["id"], refused.json["reason"]) == (1, None, "malformed")


def test_a_file_that_can_t_be_read(tokentui: Tokentui, tmp_path: Path) -> None:
    for name in (str(tmp_path), str(tmp_path / "none"), "a\x00b"):
        refused = tokentui("import", name)
        assert (refused.status, "can't be read" in refused.err) == (2, True)


def test_where_no_key_is_shown_again_none_is_kept_sealed(tokentui: Tokentui) -> None:
    """An imported key works, and is as hidden as one that was made."""
    config = tokentui.home / "config.toml"
    config.write_text("reveal = false\n", encoding="utf-8")
    done = tokentui("--config", str(config), "import", "-", "--json", stdin=lines(GOOD[0]))
    assert (done.status, "SHA-256" in done.err) == (0, False)
    assert tokentui("verify", "--json", stdin=KEY).json["allowed"]
    assert tokentui("key", done.json["done"][0]).status == 1
