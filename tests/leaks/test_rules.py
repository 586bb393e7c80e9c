"""Rules for other scanners: what they say of a key is true."""

from __future__ import annotations

import re
import tomllib

from tokentui.crypto.key_format import new_key, parse_key
from tokentui.leaks import rules


def test_the_expression_matches_every_key_and_no_handle() -> None:
    for _ in range(20):
        key = new_key(631646036).text
        assert re.fullmatch(rules.EXPRESSION, key)
        assert not re.search(rules.EXPRESSION, key[:-1])
    assert not re.search(rules.EXPRESSION, "SU-631-646-036")


def test_the_rule_for_gitleaks() -> None:
    """Its keyword, which gitleaks compares in small letters, is in every key."""
    config = tomllib.loads(rules.gitleaks())
    (rule,) = config["rules"]
    assert config["extend"] == {"useDefault": True}
    assert rule["regex"] == rules.EXPRESSION
    assert all(word in new_key(1).text.lower() for word in rule["keywords"])


def test_the_example_is_a_key() -> None:
    """By its checksum too."""
    programme = rules.partner_programme()
    assert re.fullmatch(programme["regular_expression"], programme["test_token"])
    assert parse_key(programme["test_token"]).text == programme["test_token"]
