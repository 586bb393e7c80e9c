"""A trivial FastAPI endpoint that asks keyshield: its cached service, all in memory, its delay switched off."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI
from keyshield.api import create_depends_api_key
from keyshield.domain.entities import ApiKey
from keyshield.hasher.argon2 import Argon2ApiKeyHasher
from keyshield.repositories.in_memory import InMemoryApiKeyRepository
from keyshield.services.cached import CachedApiKeyService

hasher = Argon2ApiKeyHasher(pepper="of the bench")
service = CachedApiKeyService(repo=InMemoryApiKeyRepository(), hasher=hasher, min_delay=0, max_delay=0)


@asynccontextmanager
async def life(_: FastAPI) -> AsyncIterator[None]:
    """With the one key that the bench asks with."""
    number, secret = os.environ["BENCH_KEY"].split("-")
    await service.create(name="bench", key_id=number, key_secret=secret)
    yield


async def the_service() -> CachedApiKeyService:
    """The one for all requests, with its cache."""
    return service


app = FastAPI(lifespan=life)
verified = create_depends_api_key(the_service)


@app.get("/agreements/")
async def agreements(key: Annotated[ApiKey, Depends(verified)]) -> dict[str, bool]:
    """All there is."""
    return {"ok": True}
