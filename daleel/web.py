"""The one process that faces the internet: webhooks, console, health."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse

import console.app
from channels.twilio import webhook
from channels.twilio.media import TwilioFiles
from console.directory import imports
from conversations import screening
from conversations.assistant import Assistant
from daleel import health
from directory.exchange import api
from infrastructure.body_limit import BodyLimit
from infrastructure.resources import opened
from infrastructure.settings import Settings


def create_app(settings: Settings) -> FastAPI:
    """The web application; connections are opened when it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        screening.load()
        async with opened(settings) as resources:
            app.state.resources = resources
            app.state.assistant = Assistant(settings.required("rasa_url"), settings.required("actions_url"))
            app.state.files = TwilioFiles(settings)
            yield
            await app.state.files.close()
            await app.state.assistant.close()

    app = FastAPI(title="Daleel", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(BodyLimit, larger={imports.PAGE: imports.MAX_UPLOAD})
    app.include_router(webhook.router)
    app.include_router(health.router)
    app.include_router(api.router)
    console.app.install(app)

    if settings.phone_url:

        @app.get("/phone", include_in_schema=False)
        async def phone(request: Request) -> RedirectResponse:
            return RedirectResponse(f"{settings.phone_url}/?{request.url.query}")

    return app
