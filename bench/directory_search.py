"""How long a search of the directory takes among 100,000 services, and the same answer from plain HSDS tables.

The peer is the layout that HSDS describes (service, service_at_location, location, a row for each need), indexed on
its keys and joined for each question, in the same PostgreSQL. Both answer with two results and the count.
"""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from daleel import database
from directory import listings
from directory.due import Wanted as Due
from directory.due import due
from directory.models import Entry, Place
from directory.needs import NEEDS
from directory.places import load_places
from directory.records import At, Hours, Location, Organization, PhoneNumber, Service, Words
from directory.search import Wanted, by_words, search
from infrastructure.database import connect
from infrastructure.engines import EmbeddedPostgres

SERVICES, ORGANIZATIONS, QUESTIONS = 100_000, 400, 500
TODAY = date(2026, 11, 26)
# Two thousand words of syllables, and how often each is said falls with its rank, as in any language.
SYLLABLES = "با تي مو را سن كل دي نا شم عو ba ti mu ra sen kel di na sham".split()
VOCABULARY = [f"{a}{b}{c}" for a in SYLLABLES for b in SYLLABLES for c in SYLLABLES][:2000]
FREQUENCY = [1 / rank for rank in range(1, len(VOCABULARY) + 1)]


def main() -> None:
    """Make the directory, ask, print."""
    with tempfile.TemporaryDirectory() as home:
        postgres = EmbeddedPostgres(Path(home))
        url = postgres.start()
        try:
            database.migrate(url)
            asyncio.run(_measure(url))
        finally:
            postgres.stop()


async def _measure(url: str) -> None:
    engine, sessions = connect(url)
    chance = random.Random(7)  # noqa: S311  nothing secret is drawn
    async with sessions() as session:
        await load_places(session)
        await _fill(session, chance)
        districts = list(await session.scalars(select(Place.code).where(Place.level == "district")))
        asked = [(chance.sample(NEEDS, chance.choice((1, 1, 2))), chance.choice(districts)) for _ in range(QUESTIONS)]

        async def ours(needs: list[str], place: str) -> None:
            await search(session, Wanted(needs, place), demo=False, today=TODAY)

        async def peers(needs: list[str], place: str) -> None:
            await session.execute(PEER, {"needs": needs, "place": place, "governorate": place[:5], "today": TODAY})

        async def everywhere(needs: list[str], place: str) -> None:
            await search(session, Wanted(needs), demo=False, today=TODAY)

        async def words(needs: list[str], place: str) -> None:
            await by_words(session, " ".join(_said(chance, 2)), demo=False, today=TODAY)

        async def to_check(needs: list[str], place: str) -> None:
            await due(session, Due(need=needs[0], governorate=place[:5]), today=TODAY)

        async def all_to_check(needs: list[str], place: str) -> None:
            await due(session, Due(), today=TODAY)

        print(f"{SERVICES} services, {QUESTIONS} questions, milliseconds      p50      p95      max")
        for name, question in (
            ("need and district", ours),
            ("the same from plain HSDS tables", peers),
            ("need in all of Iraq", everywhere),
            ("two words", words),
            ("what is due, need and governorate", to_check),
            ("what is due, everything", all_to_check),
        ):
            await _report(name, question, asked)
    await engine.dispose()


async def _report(name: str, question: Callable[[list[str], str], Awaitable[None]], asked: list[Any]) -> None:
    taken = []
    for needs, place in asked:
        begun = time.perf_counter()
        await question(needs, place)
        taken.append((time.perf_counter() - begun) * 1000)
    p50, p95 = statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
    print(f"  {name:45} {p50:8.2f} {p95:8.2f} {max(taken):8.2f}", flush=True)


async def _fill(session: AsyncSession, chance: random.Random) -> None:
    """Entries, listings and the peer's tables, all of the same made-up services."""
    places = {place.code: place for place in await session.scalars(select(Place))}
    organizations = [Organization(name=_words(chance, "org")) for _ in range(ORGANIZATIONS)]
    await session.execute(insert(Entry), [_entry("organization", one) for one in organizations])
    for batch in _batches(chance, organizations, [code for code, place in places.items() if place.parent]):
        records = [
            record for service, location, _ in batch for record in ((("service", service)), ("location", location))
        ]
        await session.execute(insert(Entry), [_entry(kind, record) for kind, record in records])
        rows = [
            listings.listing(service, organization, service.at[0], location, places[location.place])
            for service, location, organization in batch
        ]
        session.add_all(rows)
        await session.flush()
        session.expunge_all()
    for statement in PEER_TABLES:
        await session.execute(text(statement))
    await session.commit()
    await session.execute(text("analyze"))


def _batches(
    chance: random.Random, organizations: list[Organization], districts: list[str]
) -> Iterator[list[tuple[Service, Location, Organization]]]:
    for _ in range(SERVICES // 1000):
        yield [_made(chance, chance.choice(organizations), chance.choice(districts)) for _ in range(1000)]


def _made(chance: random.Random, organization: Organization, place: str) -> tuple[Service, Location, Organization]:
    location = Location(place=place, address=_words(chance, "street"))
    hours = Hours(byday=["SU", "MO", "TU", "WE", "TH"], opens_at="09:00", closes_at="15:00")
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
    said = " ".join(_said(chance, 4))
    return Words(ar=f"{said} {chance.randrange(10_000)}", en=f"{what} {said}")


def _said(chance: random.Random, count: int) -> list[str]:
    return chance.choices(VOCABULARY, FREQUENCY, k=count)


def _entry(kind: str, record: Service | Location | Organization) -> dict[str, Any]:
    return {"id": record.id, "kind": kind, "status": "published", "document": record.document(), "published": 1}


PEER_TABLES = (
    """create table peer_service as select id, (document->>'organization_id')::uuid organization_id,
       document->'name' as name, document->'summary' summary, (document->>'assured_date')::date assured_date
       from entry where kind = 'service'""",
    """create table peer_need as select id service_id, jsonb_array_elements_text(document->'needs') need
       from entry where kind = 'service'""",
    """create table peer_location as select id, document->>'place' place_code, document->'address' address
       from entry where kind = 'location'""",
    """create table peer_at as select gen_random_uuid() id, service_id, location_id from listing""",
    "create index on peer_service (id)",
    "create index on peer_need (need, service_id)",
    "create index on peer_location (place_code)",
    "create index on peer_location (id)",
    "create index on peer_at (service_id)",
    "create index on peer_at (location_id)",
)
PEER = text(
    """select s.id, s.name, s.summary, l.address, count(*) over ()
       from peer_at a join peer_service s on s.id = a.service_id join peer_location l on l.id = a.location_id
       join (select service_id, count(*) met from peer_need where need = any(:needs) group by service_id) n
         on n.service_id = s.id
       join place p on p.code = l.place_code
       where (p.code = :governorate or p.parent = :governorate) and s.assured_date > cast(:today as date) - 120
       order by n.met desc, (l.place_code = :place) desc, s.assured_date desc nulls last, a.id limit 2"""
)


if __name__ == "__main__":
    main()
