"""How long a search of the directory takes among 100,000 services, and the same answer from plain HSDS tables.

The peer is the layout that HSDS describes (service, service_at_location, location, a row for each need), indexed on
its keys and joined for each question, in the same PostgreSQL. Both answer with two results and the count.
"""

import asyncio
import random
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bench.made_up import SERVICES, TODAY, fill, postgres, said
from directory.due import Wanted as Due
from directory.due import due
from directory.models import Place
from directory.needs import NEEDS
from directory.places import find_place
from directory.search import Wanted, by_words, search
from infrastructure.database import connect
from infrastructure.local_time import BAGHDAD

QUESTIONS = 500
MORNING = datetime(TODAY.year, TODAY.month, TODAY.day, 9, 15, tzinfo=BAGHDAD)


def main() -> None:
    """Make the directory, ask, print."""
    with postgres() as url:
        asyncio.run(_measure(url))


async def _measure(url: str) -> None:
    engine, sessions = connect(url)
    chance = random.Random(7)  # noqa: S311  nothing secret is drawn
    async with sessions() as session:
        await fill(session, chance)
        for statement in PEER_TABLES:
            await session.execute(text(statement))
        await session.execute(text("analyze"))
        districts = list(await session.scalars(select(Place.code).where(Place.level == "district")))
        asked = [(chance.sample(NEEDS, chance.choice((1, 1, 2))), chance.choice(districts)) for _ in range(QUESTIONS)]

        print(f"{SERVICES} services, {QUESTIONS} questions, milliseconds      p50      p95      max")
        for name, question in _questions(session, chance).items():
            await _report(name, question, asked)
    await engine.dispose()


def _questions(session: AsyncSession, chance: random.Random) -> dict[str, Callable[[list[str], str], Awaitable[None]]]:
    """What is asked, of some needs and a district."""

    async def ours(needs: list[str], place: str) -> None:
        await search(session, Wanted(needs, place), demo=False, today=TODAY)

    async def peers(needs: list[str], place: str) -> None:
        await session.execute(PEER, {"needs": needs, "place": place, "governorate": place[:5], "today": TODAY})

    async def by_pin(needs: list[str], place: str) -> None:
        district = find_place(place)
        pin = district.latitude + chance.uniform(-0.1, 0.1), district.longitude + chance.uniform(-0.1, 0.1)
        await search(session, Wanted(needs, place, pin), demo=False, today=TODAY)

    async def of_returnees(needs: list[str], place: str) -> None:
        await search(session, Wanted(needs, place[:5], eligible=["returnee"]), demo=False, today=TODAY)

    async def open_now(needs: list[str], place: str) -> None:
        await search(session, Wanted(needs, place, open_at=MORNING), demo=False, today=TODAY)

    async def everywhere(needs: list[str], place: str) -> None:
        await search(session, Wanted(needs), demo=False, today=TODAY)

    async def words(needs: list[str], place: str) -> None:
        await by_words(session, " ".join(said(chance, 2)), limit=2, demo=False, today=TODAY)

    async def misspelt(needs: list[str], place: str) -> None:
        wrong = (word[:2] + word[3:] for word in said(chance, 2))
        await by_words(session, " ".join(wrong), limit=2, demo=False, today=TODAY)

    async def to_check(needs: list[str], place: str) -> None:
        await due(session, Due(need=needs[0], governorate=place[:5]), today=TODAY)

    async def all_to_check(needs: list[str], place: str) -> None:
        await due(session, Due(), today=TODAY)

    return {
        "need and district": ours,
        "the same from plain HSDS tables": peers,
        "need and a pin": by_pin,
        "need and governorate, for returnees": of_returnees,
        "need and district, open now": open_now,
        "need in all of Iraq": everywhere,
        "two words": words,
        "two misspelt words": misspelt,
        "what is due, need and governorate": to_check,
        "what is due, everything": all_to_check,
    }


async def _report(name: str, question: Callable[[list[str], str], Awaitable[None]], asked: list[Any]) -> None:
    taken = []
    for needs, place in asked:
        begun = time.perf_counter()
        await question(needs, place)
        taken.append((time.perf_counter() - begun) * 1000)
    p50, p95 = statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
    print(f"  {name:45} {p50:8.2f} {p95:8.2f} {max(taken):8.2f}", flush=True)


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
