"""What `derived` and `derived_usage` make, to ask for it: tables that are no models, as PostgreSQL lacks them."""

from __future__ import annotations

from sqlalchemy import column, table

TOKEN_COUNTS = table("token_counts", column("state"), column("day"), column("number"))
TOKEN_SEARCH = table("token_search", column("rowid"), column("token_search"))
USAGE_DAYS = table("usage_days", column("day"), column("token_id"), column("requests"), column("errors"))
