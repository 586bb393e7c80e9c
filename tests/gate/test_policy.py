"""Yes or no, by table: what stands against a credential, and which of several things is said first."""

from __future__ import annotations

import ipaddress

import pytest

from tokentui.gate.decision import Decision, Reason
from tokentui.gate.policy import Credential, ModulePaths, Needed, decide, lacking_module
from tokentui.records import TokenInfo

NOW = 1_000_000
TOKEN = TokenInfo("SU-000-000-007", "Billing", None, "custom", ("agreements",), 7, 1)
VALID = Decision(Reason.VALID, TOKEN)
DISABLED = Decision(Reason.DISABLED, TOKEN)
NETWORKS = (ipaddress.ip_network("203.0.113.0/24"),)
NAMES = {"agreements": "Agreements", "products": "Products"}
LATER = NOW + 1


@pytest.mark.parametrize(
    ("credential", "needed", "client", "reason"),
    [
        (Credential(VALID, None, LATER, LATER, ()), (), None, "valid"),
        (Credential(VALID, None, LATER, LATER, ()), ("agreements",), None, "valid"),
        (Credential(VALID, None, LATER, LATER, ()), ("agreements", "products"), None, "module"),
        (Credential(VALID, None, LATER, LATER, ()), None, None, "module"),
        (Credential(VALID, None, LATER, LATER, NETWORKS), (), "203.0.113.9:1", "valid"),
        (Credential(VALID, None, LATER, LATER, NETWORKS), (), "198.51.100.1", "network"),
        (Credential(VALID, None, LATER, LATER, NETWORKS), None, None, "network"),
        (Credential(VALID, None, LATER, NOW, NETWORKS), (), None, "expired"),
        (Credential(VALID, DISABLED, LATER, NOW, ()), (), None, "disabled"),
        (Credential(VALID, DISABLED, NOW, NOW, ()), (), None, "wrong-secret"),
    ],
)
def test_decide(credential: Credential, needed: Needed, client: str | None, reason: str) -> None:
    decision = decide(credential, needed, NAMES, now=NOW, client=client)
    assert decision.reason == reason
    assert (decision.token is None) is (reason == "wrong-secret")  # only who has the secret is told of the token


def test_the_missing_module_is_named() -> None:
    decision = lacking_module(TOKEN, ("agreements", "products"), NAMES)
    assert decision is not None
    assert decision.module == "Products"
    assert lacking_module(TOKEN._replace(modules=("*",)), ("agreements", "products"), NAMES) is None
    nobody = lacking_module(TOKEN._replace(modules=("*",)), None, NAMES)
    assert nobody is not None
    assert nobody.module is None


def test_a_path_that_is_looked_at_once_more() -> None:
    """With the base path and without; one in no module needs nothing."""
    paths = ModulePaths([("/products", "products", "Products")], base_path="/v1")
    assert paths.needed("/v1/products") == ("products",)
    assert paths.needed("/products") is None
    assert paths.needed_also("/products") == [("products",), ()]
    assert paths.needed_also("/v1/products") == [(), ("products",)]
    assert paths.needed_also("/elsewhere") == [(), ()]
