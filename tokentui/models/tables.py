"""Every module of `tokentui.models`, with all tables mapped: one alone could not find those that it refers to."""

from tokentui.models import (
    access_log,
    audit,
    base,
    catalog,
    damaged,
    meta,
    moments,
    notice,
    secret,
    slots,
    status,
    token,
    usage,
)

MODULES = (access_log, audit, base, catalog, damaged, meta, moments, notice, secret, slots, status, token, usage)
