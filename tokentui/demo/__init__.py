"""Sample tokens with statistics, for looking around, pictures and tests. Never beside real ones."""

from tokentui.demo.build import build, throwaway, write_to

__all__ = ["build", "throwaway", "write_to"]
