"""Accounts made from the command line: the first admin of a new installation comes from here."""

from console import accounts
from infrastructure.resources import opened
from infrastructure.settings import Settings


async def add(settings: Settings, email: str, name: str, role: str, password: str) -> None:
    """Make an account; a short password, an unknown role or a known e-mail address ends with a clear message."""
    async with opened(settings) as resources, resources.sessions() as session:
        try:
            await accounts.create_staff(session, email=email, name=name, role=role, password=password)
        except ValueError as problem:
            raise SystemExit(str(problem)) from None
        await session.commit()
