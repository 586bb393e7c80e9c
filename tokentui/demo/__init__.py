"""Sample tokens with statistics, for looking around, pictures and tests; never in a database that holds real ones."""

from tokentui.demo.build import build
from tokentui.demo.files import throwaway, write_to

__all__ = ["build", "throwaway", "write_to"]
