"""djangorestframework-api-key's `is_valid` on 1 000 keys."""

from __future__ import annotations

import os
import random

import django
from answering import answer

os.environ["DJANGO_SETTINGS_MODULE"] = "drf_settings"
django.setup()

from django.core.management import call_command  # noqa: E402 - only once Django is set up
from django.db import connection, transaction  # noqa: E402
from rest_framework_api_key.models import APIKey  # noqa: E402

call_command("migrate", verbosity=0)
connection.cursor().execute("PRAGMA journal_mode=WAL")
with transaction.atomic():
    keys = [APIKey.objects.create_key(name=f"Partner {number}")[1] for number in range(1_000)]


def work(calls: int) -> None:
    """That many, each let in."""
    for key in random.choices(keys, k=calls):
        if not APIKey.objects.is_valid(key):
            raise AssertionError


answer(work)
