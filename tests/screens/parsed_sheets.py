"""Style sheets, parsed once for all apps of a process: each app, and each screen it opens, would parse them anew."""

from __future__ import annotations

from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.css.types import CSSLocation

_parse_rules = Stylesheet._parse_rules
_kept: dict[tuple[object, ...], list[RuleSet]] = {}


def parse_rules(
    sheet: Stylesheet,
    css: str,
    read_from: CSSLocation,
    is_default_rules: bool = False,
    tie_breaker: int = 0,
    scope: str = "",
) -> list[RuleSet]:
    """The rules of a sheet with the variables of its theme; nothing changes them once they are parsed."""
    key = (css, read_from, is_default_rules, tie_breaker, scope, frozenset(sheet._variables.items()))
    if key not in _kept:
        _kept[key] = _parse_rules(sheet, css, read_from, is_default_rules, tie_breaker, scope)
    return _kept[key]


def install() -> None:
    """Lets every app of the process have them."""
    Stylesheet._parse_rules = parse_rules  # type: ignore[method-assign, assignment]
