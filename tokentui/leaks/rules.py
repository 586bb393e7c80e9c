"""The key format as rules for other scanners, which look where `tokentui leaks` does not."""

from __future__ import annotations

from typing import Any

EXPRESSION = r"SU-[0-9]{3}-[0-9]{3}-[0-9]{3}:[0-9a-f]{40}"
"""The shape of a key, without its checksum, in the syntax that RE2, PCRE and Hyperscan share."""

_EXAMPLE = "SU-000-000-000:00000000000000000000000000000000"  # the checksum follows from it, and opens nothing


def gitleaks() -> str:
    """A rule for gitleaks, version 8: `gitleaks dir --config FILE`; it extends the rules that gitleaks has."""
    import tomli_w

    rule: dict[str, Any] = {
        "id": "tokentui-api-key",
        "description": "An API key of tokentui: it opens the API until its token is disabled or rotated.",
        "regex": EXPRESSION,
        "keywords": ["su-"],
        "tags": ["key", "tokentui"],
    }
    return tomli_w.dumps({"title": "tokentui", "extend": {"useDefault": True}, "rules": [rule]})


def partner_programme() -> dict[str, Any]:
    """What a secret-scanning partner programme asks for: the name of the type, its expression, an example.

    The fields are those that GitHub's programme names in its documentation for partners.
    """
    import zlib

    checksum = f"{zlib.crc32(_EXAMPLE.encode('ascii')):08x}"
    return {
        "token_type": "tokentui_api_key",
        "regular_expression": EXPRESSION,
        "test_token": f"{_EXAMPLE}{checksum}",
        "checksum": "the last 8 hex digits are the CRC-32 of what stands before them",
    }
