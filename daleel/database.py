"""The database brought to where the code expects it: migrations, places and, in demo mode, demo data."""

import asyncio
import logging
import tempfile
from collections.abc import Callable
from pathlib import Path
from uuid import NAMESPACE_DNS, uuid5

from alembic import command
from alembic.config import Config
from cryptography.exceptions import InvalidTag
from sqlalchemy import create_engine, select
from sqlalchemy.ext.asyncio import AsyncSession

import conversations.misconduct  # noqa: F401  every table must be known to the metadata
import directory.models  # noqa: F401  every table must be known to the metadata
import infrastructure.audit  # noqa: F401  every table must be known to the metadata
import referrals.models  # noqa: F401  every table must be known to the metadata
from console import accounts
from conversations.models import DANGERS, EmergencyLine
from directory import guidance, listings
from directory.demo_data import load_demo
from directory.places import load_places
from infrastructure import vault
from infrastructure.database import Base, Canary, sqlalchemy_url
from infrastructure.engines import EmbeddedPostgres
from infrastructure.local_time import day_in_iraq
from infrastructure.resources import opened
from infrastructure.settings import Settings

logger = logging.getLogger(__name__)

ROOT = Path(__file__).parents[1]
# Any number that nothing else locks on: two processes starting at once migrate one after the other.
MIGRATION_LOCK = 7021

DemoAccount = tuple[str, str, str]  # email, password, role


def migrate(database_url: str) -> None:
    """Bring the schema up to date."""
    with_alembic(database_url, lambda config: command.upgrade(config, "head"))


def with_alembic(database_url: str, action: Callable[[Config], object]) -> None:
    """Run one of Alembic's commands on a database, in one transaction."""
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("script_location", str(ROOT / "infrastructure" / "migrations"))
    engine = create_engine(sqlalchemy_url(database_url))
    with engine.begin() as connection:
        connection.exec_driver_sql(f"select pg_advisory_xact_lock({MIGRATION_LOCK})")
        config.attributes.update(connection=connection, metadata=Base.metadata)
        action(config)
    engine.dispose()


def write_migration(message: str) -> None:
    """Compare the models with a fresh, migrated database and write the difference down. Read what it wrote."""
    with tempfile.TemporaryDirectory() as home:
        postgres = EmbeddedPostgres(Path(home))
        url = postgres.start()
        try:
            migrate(url)
            number = len(list((ROOT / "infrastructure" / "migrations" / "versions").glob("*.py"))) + 1
            with_alembic(
                url, lambda config: command.revision(config, message, autogenerate=True, rev_id=f"{number:04d}")
            )
        finally:
            postgres.stop()


def seed(settings: Settings) -> list[DemoAccount]:
    """Load what every start needs; returns the demo accounts, of which outside demo mode there are none."""
    return asyncio.run(_seed(settings))


async def _seed(settings: Settings) -> list[DemoAccount]:
    async with opened(settings) as resources, resources.sessions() as session:
        await _same_secret(session)
        await load_places(session)
        await listings.make_if_none(session)
        # Only a demo tells guidance that nobody here has reviewed: elsewhere it waits for a reviewer.
        await guidance.load(session, demo=settings.demo)
        demo: list[DemoAccount] = []
        if settings.demo:
            await load_demo(session)
            await session.merge(demo_line())
            demo = await accounts.create_demo_staff(session, _demo_password(settings))
        else:
            await accounts.deactivate_demo_staff(session)
        if not await accounts.has(session, "psea"):
            logger.warning("nobody can read reports of misconduct: daleel staff add EMAIL --role psea")
        await session.commit()
    return demo


def demo_line() -> EmergencyLine:
    """A line nobody can call, so that answers to danger show what they will look like. Said in demo mode only."""
    return EmergencyLine(
        id=uuid5(NAMESPACE_DNS, "line.demo.daleel.example"),
        number="0000000",
        name={"ar": "تجريبي فقط", "en": "demo only"},
        dangers=list(DANGERS),
        governorates=[],
        verified_on=day_in_iraq(),
        is_demo=True,
    )


async def _same_secret(session: AsyncSession) -> None:
    """Refuse a secret that is not the one this database was sealed with, before anything is sealed with it."""
    try:
        canary = await session.scalar(select(Canary))
    except InvalidTag:
        raise SystemExit("DALEEL_SECRET (or DALEEL_HOME/secret) is not the one this database was sealed with") from None
    if canary is None:
        session.add(Canary(song="tweet"))


def _demo_password(settings: Settings) -> Callable[[str], str]:
    """Demo passwords follow from this installation's secret: the same at each start, different everywhere else."""
    secret = vault.master_secret(settings.configured_secret, settings.home)
    return lambda email: vault.derive(secret, f"demo account {email}").hex()[:16]
