"""keyshield's `verify_key`: `cached` by its in-memory cache, or `default`, which hashes each time."""

from __future__ import annotations

import asyncio
import random
import sys

from answering import answer
from keyshield import ApiKeyService
from keyshield.hasher.argon2 import Argon2ApiKeyHasher
from keyshield.repositories.in_memory import InMemoryApiKeyRepository
from keyshield.services.cached import CachedApiKeyService

# One that has to be made is made with the default hasher, so a few; the cached ones are all in the cache.
KEYS = 20
kind = CachedApiKeyService if sys.argv[1] == "cached" else ApiKeyService
hasher = Argon2ApiKeyHasher(pepper="of the bench")
# By default it waits 0.1 to 0.3 s each time; that is not what is compared.
service = kind(repo=InMemoryApiKeyRepository(), hasher=hasher, min_delay=0, max_delay=0)


async def made() -> list[str]:
    """Keys, each verified once."""
    keys = [(await service.create(name=f"Partner {number}"))[1] for number in range(KEYS)]
    for key in keys:
        await service.verify_key(key)
    return keys


async def verify(keys: list[str]) -> None:
    """Each in turn; one that is refused raises."""
    for key in keys:
        await service.verify_key(key)


with asyncio.Runner() as runner:
    everyone = runner.run(made())
    answer(lambda calls: runner.run(verify(random.choices(everyone, k=calls))))
