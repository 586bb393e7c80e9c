"""A token and a gate on its database."""

from __future__ import annotations

import pytest

from tests.factories import make_token
from tokentui.context import Context
from tokentui.gate import Gate
from tokentui.records import Issued


@pytest.fixture
def issued(context: Context) -> Issued:
    return make_token(context, name="Billing", modules=("agreements",), all_modules=False)


@pytest.fixture
def gate(context: Context, issued: Issued) -> Gate:
    return Gate.from_context(context)
