"""Django with djangorestframework-api-key on an SQLite file in the working directory, and no middleware at all."""

from __future__ import annotations

import os
import secrets

SECRET_KEY = secrets.token_hex()
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.path.join(os.environ.get("BENCH_PLACE", ""), "drf.sqlite3"),
        "CONN_MAX_AGE": None,
    }
}
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "rest_framework", "rest_framework_api_key"]
REST_FRAMEWORK = {
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework_api_key.permissions.HasAPIKey"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}
ROOT_URLCONF = "drf_site"
ALLOWED_HOSTS = ["*"]
USE_TZ = True
DEBUG = False
