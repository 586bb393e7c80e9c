"""How long counts are kept: by hour first, then rolled up into days of UTC, then dropped where that is set."""

from __future__ import annotations

from sqlalchemy import select, text

from tokentui.context import Context
from tokentui.models import Usage, to_micros
from tokentui.usage.access_log import ingest

_HOUR = 3_600_000_000
_INTO_DAY = text(
    "INSERT INTO usage (token_id, hour, success, redirection, client_error, server_error) "
    "SELECT token_id, :day, SUM(success), SUM(redirection), SUM(client_error), SUM(server_error) FROM usage "
    "WHERE hour > :day AND hour < :day + 24 GROUP BY token_id "
    "ON CONFLICT (token_id, hour) DO UPDATE SET "
    "success = usage.success + excluded.success, redirection = usage.redirection + excluded.redirection, "
    "client_error = usage.client_error + excluded.client_error, "
    "server_error = usage.server_error + excluded.server_error"
)
_HOURS_OF_DAY = text("DELETE FROM usage WHERE hour > :day AND hour < :day + 24")
_BEFORE = text("DELETE FROM usage WHERE hour < :hour")


def tidy(context: Context) -> int:
    """Rolls up whole days older than `usage_hours` and drops what is older than `usage_days`; the days rolled up.

    A transaction a day, so that nobody waits long for the lock. Raises DatabaseError.
    """
    now = to_micros(context.now()) // _HOUR
    keep = int(context.settings.usage_hours.total_seconds() // 3600)
    limit = (now - keep) // 24 * 24
    with context.database.read() as session:
        days = [
            int(day) * 24
            for day in session.scalars(
                select(Usage.hour // 24).where(Usage.hour < limit, Usage.hour % 24 != 0).distinct()
            )
        ]
    for day in days:
        with context.database.write() as session:
            session.execute(_INTO_DAY, {"day": day})
            session.execute(_HOURS_OF_DAY, {"day": day})
            session.commit()
    if context.settings.usage_days is not None:
        oldest = (now - int(context.settings.usage_days.total_seconds() // 3600)) // 24 * 24
        with context.database.write() as session:
            session.execute(_BEFORE, {"hour": oldest})
            session.commit()
    ingest.forget(context)
    return len(days)
