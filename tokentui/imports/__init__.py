"""Brings in the tokens of another system or database: read and checked first, then written in one transaction."""

from tokentui.imports.load import load
from tokentui.imports.prepare import prepare
from tokentui.imports.stage import RefusedLine, Stage

__all__ = ["RefusedLine", "Stage", "load", "prepare"]
