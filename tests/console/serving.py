"""Fixtures: the console on the real engines, in the tests' own event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest
import uvicorn
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from fastapi import FastAPI
from sqlalchemy import text

from console import accounts
from console.accounts import Staff
from console.app import install
from conversations.assistant import Assistant
from directory.places import load_places
from infrastructure.resources import Resources
from tests.console.browsing import EMAIL, PASSWORD, Visitor, browsing

# A password takes a fifth of a second on purpose; hundreds of tests sign in.
accounts.hasher = PasswordHasher.from_parameters(CHEAPEST)
TABLES = "person, address, conversation, message, turn, handover, staff, staff_session"


@pytest.fixture
async def engines(resources: Resources) -> Resources:
    """Empty tables and nothing counted."""
    async with resources.sessions() as session:
        await session.execute(text(f"truncate {TABLES} cascade"))
        await session.commit()
    await resources.redis.flushdb()
    return resources


@pytest.fixture
def make_app(engines: Resources) -> Callable[..., FastAPI]:
    """The console alone, with what it is given in place of the running engines."""

    def make(**instead: object) -> FastAPI:
        app = FastAPI()
        app.state.resources = replace(engines, **instead)  # type: ignore[arg-type]
        app.state.assistant = Assistant("http://127.0.0.1:9", "http://127.0.0.1:9")  # nobody listens there
        install(app)
        return app

    return make


@pytest.fixture
def app(make_app: Callable[..., FastAPI]) -> FastAPI:
    return make_app()


@pytest.fixture
async def staff(engines: Resources) -> Staff:
    async with engines.sessions() as session:
        staff = await accounts.create_staff(session, EMAIL, "Zainab", "hotline", PASSWORD)
        await session.commit()
    return staff


@pytest.fixture
async def visitor(app: FastAPI) -> AsyncIterator[Visitor]:
    """A browser with English pages, signed out."""
    async with browsing(app) as visitor:
        yield visitor


@pytest.fixture
async def colleague(visitor: Visitor, staff: Staff) -> Visitor:
    """A browser in which Zainab is signed in."""
    assert (await visitor.sign_in()).status_code == 303
    return visitor


@pytest.fixture
async def boss(engines: Resources) -> Staff:
    """Amal, an admin; the places are there."""
    async with engines.sessions() as session:
        await load_places(session)
        boss = await accounts.create_staff(session, "amal@example.org", "Amal", "admin", PASSWORD)
        await session.commit()
    return boss


@pytest.fixture
async def admin(app: FastAPI, boss: Staff) -> AsyncIterator[Visitor]:
    """A browser in which Amal is signed in."""
    async with browsing(app) as visitor:
        await visitor.sign_in(boss.email)
        yield visitor


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    """Where the console is served, for what needs a real connection."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve([listening]))
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    await serving
