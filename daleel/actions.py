"""The action endpoint as a process of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

import console.accounts  # noqa: F401  reports refer to the table of staff
from actions.endpoint import install
from infrastructure.resources import opened
from infrastructure.settings import Settings


def create_app(settings: Settings) -> FastAPI:
    """The endpoint; connections are opened when it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opened(settings) as resources:
            install(app, resources)
            yield

    return FastAPI(title="Daleel actions", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
