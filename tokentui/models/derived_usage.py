"""What SQLite keeps of the responses besides their slots, by triggers: how many each token had on each day of UTC.

A list that is sorted or filtered by the responses of 30 days adds up 30 numbers a token that is used, not the thousands
of its slots. By day first: the days that count lie together, and so do those that a gate adds to.
"""

from __future__ import annotations

from tokentui.models.driver_sql import DriverSql
from tokentui.models.slots import SLOTS_A_DAY

_DAY = f"{{row}}.slot / {SLOTS_A_DAY}"
_REQUESTS = "coalesce({row}.success + {row}.redirection + {row}.client_error + {row}.server_error, 0)"
_ERRORS = "coalesce({row}.client_error + {row}.server_error, 0)"
_WHERE = f"WHERE day = {_DAY} AND token_id = {{row}}.token_id"


def _added(row: str) -> str:
    values = ", ".join(part.format(row=row) for part in (_DAY, "{row}.token_id", _REQUESTS, _ERRORS))
    return (
        f"INSERT INTO usage_days (day, token_id, requests, errors) VALUES ({values}) "
        "ON CONFLICT (day, token_id) DO UPDATE SET requests = requests + excluded.requests, "
        "errors = errors + excluded.errors;"
    )


def _taken_away(row: str) -> str:
    requests, errors, where = (part.format(row=row) for part in (_REQUESTS, _ERRORS, _WHERE))
    return (
        f"UPDATE usage_days SET requests = requests - {requests}, errors = errors - {errors} {where}; "
        f"DELETE FROM usage_days {where} AND requests = 0 AND errors = 0;"
    )


_SAME_ROW = f"new.token_id = old.token_id AND {_DAY.format(row='new')} = {_DAY.format(row='old')}"
_CHANGED = (
    f"UPDATE usage_days SET requests = requests + {_REQUESTS.format(row='new')} - {_REQUESTS.format(row='old')}, "
    f"errors = errors + {_ERRORS.format(row='new')} - {_ERRORS.format(row='old')} {_WHERE.format(row='new')};"
)
_TRIGGERS = {
    "usage_days_insert": ("INSERT ON usage", (_added("new"),)),
    "usage_days_delete": ("DELETE ON usage", (_taken_away("old"),)),
    "usage_days_update": (f"UPDATE ON usage WHEN {_SAME_ROW}", (_CHANGED,)),
    "usage_days_move": (f"UPDATE ON usage WHEN NOT ({_SAME_ROW})", (_taken_away("old"), _added("new"))),
}


def create(connection: DriverSql, schema: str = "main") -> None:
    """Makes the table, empty, without its triggers."""
    connection.exec_driver_sql(
        f"CREATE TABLE {schema}.usage_days (day INTEGER NOT NULL, token_id INTEGER NOT NULL, "
        "requests INTEGER NOT NULL, errors INTEGER NOT NULL, PRIMARY KEY (day, token_id)) WITHOUT ROWID"
    )


def fill(connection: DriverSql, schema: str = "main") -> None:
    """Fills the table from the slots that there are."""
    day, requests, errors = (part.format(row="usage") for part in (_DAY, _REQUESTS, _ERRORS))
    connection.exec_driver_sql(
        f"INSERT INTO {schema}.usage_days (day, token_id, requests, errors) "
        f"SELECT {day}, token_id, sum({requests}), sum({errors}) FROM main.usage GROUP BY 1, 2 "
        f"HAVING sum({requests}) <> 0 OR sum({errors}) <> 0"
    )


def keep(connection: DriverSql) -> None:
    """Makes the triggers that keep the table as it is filled."""
    for name, (event, statements) in _TRIGGERS.items():
        connection.exec_driver_sql(f"CREATE TRIGGER {name} AFTER {event} BEGIN {' '.join(statements)} END")


def drop(connection: DriverSql) -> None:
    """Removes the table with its triggers."""
    for name in _TRIGGERS:
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
    connection.exec_driver_sql("DROP TABLE IF EXISTS usage_days")
