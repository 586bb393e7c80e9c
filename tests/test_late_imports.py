"""What a package imports when it is asked for."""

from __future__ import annotations

import json
import sys
from types import ModuleType

import pytest

from tokentui.late_imports import late_imports


def test_a_name_is_looked_up_once_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    package = ModuleType("package")
    monkeypatch.setitem(sys.modules, "package", package)
    attribute = late_imports("package", {"json": ("dumps",)})
    assert not hasattr(package, "dumps")
    assert attribute("dumps") is json.dumps
    assert vars(package)["dumps"] is json.dumps
    with pytest.raises(AttributeError, match="module 'package' has no attribute 'loads'"):
        attribute("loads")
