"""The schema's history, run by the program itself. `HEAD` lets a start skip Alembic, which is slow to import."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

HEAD = "0008"
REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008")
"""Every revision of this program, oldest first; one that is not here was made by a later version."""


def upgrade(connection: Connection, revision: str = HEAD) -> None:
    """Brings the schema to a revision inside the connection's open transaction, which the caller commits."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
