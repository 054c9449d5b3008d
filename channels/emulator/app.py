"""The emulator as a web application."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from channels.emulator import content_api, errors, messages_api, page, phones_api, samples
from channels.emulator.config import EmulatorConfig
from channels.emulator.wire import Wire
from channels.emulator.world import World, now

# The files of the one font package the page uses; nothing else of npm's is served.
FONTS = "@fontsource-variable/noto-sans-arabic/files"


def create_app(config: EmulatorConfig, clock: Callable[[], datetime] = now) -> FastAPI:
    """A Twilio with empty memory; another clock lets a test reach the 24-hour window's end."""
    wire = Wire(config.auth_token)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await wire.close()

    app = FastAPI(title="Daleel emulator", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.world, app.state.wire = World(config, clock), wire
    app.add_exception_handler(errors.TwilioError, errors.answer)
    for part in (messages_api, content_api, phones_api, samples, page):
        app.include_router(part.router)
    app.mount("/static", StaticFiles(directory=page.HERE / "static"), name="static")
    fonts = config.assets_path / FONTS
    if fonts.is_dir():
        app.mount("/assets/fonts", StaticFiles(directory=fonts), name="fonts")
    return app
