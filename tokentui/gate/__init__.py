"""The gate: decides whether a request with a token is let in. Never imports the terminal app or the commands."""

from tokentui.gate.decision import Decision, Reason
from tokentui.gate.gate import Gate
from tokentui.records import TokenInfo

__all__ = ["Decision", "Gate", "Reason", "TokenInfo"]
