"""The gate: decides whether a request with a token is let in. Never imports the terminal app or the commands."""

from tokentui.gate.decision import Decision, Reason, TokenInfo
from tokentui.gate.gate import Gate

__all__ = ["Decision", "Gate", "Reason", "TokenInfo"]
