"""A directory of 100,000 made-up services to measure in, each at a location of its own."""

import random
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from daleel import database
from directory import listings
from directory.models import Entry, Place
from directory.needs import NEEDS
from directory.places import load_places
from directory.records import At, Hours, Location, Organization, PhoneNumber, Service, Words
from infrastructure.engines import EmbeddedPostgres, free_port, valkey_command

SERVICES, ORGANIZATIONS = 100_000, 400
TODAY = date(2026, 11, 26)
# Two thousand words of syllables, and how often each is said falls with its rank, as in any language.
SYLLABLES = "با تي مو را سن كل دي نا شم عو ba ti mu ra sen kel di na sham".split()
VOCABULARY = [f"{a}{b}{c}" for a in SYLLABLES for b in SYLLABLES for c in SYLLABLES][:2000]
FREQUENCY = [1 / rank for rank in range(1, len(VOCABULARY) + 1)]


@contextmanager
def postgres() -> Iterator[str]:
    """An empty, migrated database for the time of a measurement; its URL."""
    with tempfile.TemporaryDirectory() as home:
        engine = EmbeddedPostgres(Path(home))
        url = engine.start()
        try:
            database.migrate(url)
            yield url
        finally:
            engine.stop()


@contextmanager
def valkey() -> Iterator[str]:
    """An empty Valkey for the time of a measurement; its URL."""
    with tempfile.TemporaryDirectory() as home:
        port = free_port()
        with subprocess.Popen(valkey_command(Path(home), port, "sesame"), stdout=subprocess.DEVNULL) as server:
            while not _answers(port):
                time.sleep(0.1)
            yield f"redis://:sesame@127.0.0.1:{port}/0"
            server.terminate()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def fill(session: AsyncSession, chance: random.Random) -> None:
    """Places, entries and their listings; committed, and known to the planner."""
    await load_places(session)
    places = {place.code: place for place in await session.scalars(select(Place))}
    changed = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC)
    organizations = [Organization(name=_words(chance, "org")) for _ in range(ORGANIZATIONS)]
    await session.execute(insert(Entry), [_entry("organization", one) for one in organizations])
    for batch in _batches(chance, organizations, [code for code, place in places.items() if place.parent]):
        records = [
            record for service, location, _ in batch for record in ((("service", service)), ("location", location))
        ]
        await session.execute(insert(Entry), [_entry(kind, record) for kind, record in records])
        rows = [
            listings.listing(service, organization, service.at[0], location, places, changed)
            for service, location, organization in batch
        ]
        await listings.add(session, rows)
        session.expunge_all()
    await session.execute(text("analyze"))
    await session.commit()


def _batches(
    chance: random.Random, organizations: list[Organization], districts: list[str]
) -> Iterator[list[tuple[Service, Location, Organization]]]:
    for _ in range(SERVICES // 1000):
        yield [_made(chance, chance.choice(organizations), chance.choice(districts)) for _ in range(1000)]


def _made(chance: random.Random, organization: Organization, place: str) -> tuple[Service, Location, Organization]:
    location = Location(place=place, address=_words(chance, "street"))
    opens, closes = (
        chance.choice(("08:00", "08:30", "09:00", "10:00")),
        chance.choice(("13:00", "14:00", "15:00", "16:00")),
    )
    hours = Hours(byday=["SU", "MO", "TU", "WE", "TH"], opens_at=opens, closes_at=closes)
    service = Service(
        organization_id=organization.id,
        name=_words(chance, "service"),
        summary=_words(chance, "offers"),
        needs=chance.sample(NEEDS, chance.choice((1, 1, 1, 2))),
        assured_date=TODAY - timedelta(chance.randrange(100)),
        at=[At(location_id=location.id, phones=[PhoneNumber(number="+447700900123")], schedules=[hours])],
    )
    return service, location, organization


def _words(chance: random.Random, what: str) -> Words:
    words = " ".join(said(chance, 4))
    return Words(ar=f"{words} {chance.randrange(10_000)}", en=f"{what} {words}")


def said(chance: random.Random, count: int) -> list[str]:
    """Some words."""
    return chance.choices(VOCABULARY, FREQUENCY, k=count)


def _entry(kind: str, record: Service | Location | Organization) -> dict[str, Any]:
    return {"id": record.id, "kind": kind, "status": "published", "document": record.document(), "published": 1}
