"""Accounts made from the command line: the first admin of a new installation comes from here."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from console import accounts
from daleel.database import migrate
from daleel.supervisor import AlreadyRunning, locked
from infrastructure import database
from infrastructure.engines import EmbeddedPostgres
from infrastructure.settings import Settings


def add(settings: Settings, email: str, name: str, role: str, password: str) -> None:
    """Make an account; a short password, an unknown role or a known e-mail address ends with a clear message."""
    with reachable(settings) as url:
        try:
            asyncio.run(_add(url, email, name, role, password))
        except ValueError as problem:
            raise SystemExit(str(problem)) from None


@contextmanager
def reachable(settings: Settings) -> Iterator[str]:
    """The database's URL: the configured one, that of a running copy, or an embedded one started for the moment."""
    if settings.database_url:
        yield settings.database_url
        return
    postgres = EmbeddedPostgres(settings.home)
    try:
        with locked(settings.home):
            url = postgres.start()
            try:
                migrate(url)
                yield url
            finally:
                postgres.stop()
    except AlreadyRunning:
        yield postgres.start()  # finds it running, and leaves it so


async def _add(url: str, email: str, name: str, role: str, password: str) -> None:
    engine, sessions = database.connect(url)
    async with sessions() as session:
        await accounts.create_staff(session, email=email, name=name, role=role, password=password)
        await session.commit()
    await engine.dispose()
