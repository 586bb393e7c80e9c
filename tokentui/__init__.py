"""tokentui: issue, see, change and retire API tokens from the keyboard.

Nothing is imported here: an API server that uses `tokentui.gate` must not pay for the terminal app.
"""

__version__ = "0.1.0"
