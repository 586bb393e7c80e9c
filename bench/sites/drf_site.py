"""A trivial endpoint of Django REST framework that asks djangorestframework-api-key.

Run as a script it makes the database in the working directory, and prints a key.
"""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "drf_settings")
django.setup()

from django.core.management import call_command  # noqa: E402 - only once Django is set up
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework.decorators import api_view  # noqa: E402
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402


@api_view(["GET"])
def agreements(request: Request) -> Response:
    """All there is."""
    return Response({"ok": True})


urlpatterns = [path("agreements/", agreements)]
application = get_wsgi_application()

if __name__ == "__main__":
    from rest_framework_api_key.models import APIKey

    call_command("migrate", verbosity=0)
    connection.cursor().execute("PRAGMA journal_mode=WAL")
    print(APIKey.objects.create_key(name="bench")[1])
