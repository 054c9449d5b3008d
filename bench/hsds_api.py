"""How long the HSDS API takes among 100,000 services, from request to JSON, and all of them as one stream.

Requests are made of the application itself, without a network, and counted in a real Valkey. The peer is the layout
that HSDS describes (`bench.directory_search`): the keys, names and count of the same page in SQL, without the JSON.
"""

import asyncio
import random
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from redis.asyncio import Redis
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bench.directory_search import PEER_TABLES
from bench.made_up import SERVICES, fill, postgres, valkey
from directory.exchange import api, outgoing
from directory.models import Listing, Place
from directory.needs import NEEDS
from infrastructure import wording
from infrastructure.database import connect
from infrastructure.resources import Resources
from infrastructure.settings import Settings

QUESTIONS, PER_PAGE = 100, 50
# Behind every other page; and what changed since the made-up services did, which is nothing.
LAST_PAGE, LATER = SERVICES // PER_PAGE, "2100-01-01"
REAL = {
    "PUBLIC_URL": "https://daleel.example",
    "TWILIO_ACCOUNT_SID": "AC0",
    "TWILIO_AUTH_TOKEN": "0",
    "TWILIO_SMS_NUMBER": "+1",
}
Ask = Callable[[], Awaitable[object]]


def main() -> None:
    """Make the directory, ask, print."""
    with postgres() as url, valkey() as redis_url:
        asyncio.run(_measure(url, redis_url))


async def _measure(url: str, redis_url: str) -> None:
    engine, sessions = connect(url)
    chance = random.Random(7)  # noqa: S311  nothing secret is drawn
    async with sessions() as session, Redis.from_url(redis_url) as redis:
        await fill(session, chance)
        for statement in PEER_TABLES:
            await session.execute(text(statement))
        await session.commit()
        # As autovacuum does: pages are counted without reading the rows.
        await (await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})).execute(
            text("vacuum analyze")
        )
        ids = list(await session.scalars(select(Listing.service_id).limit(QUESTIONS)))
        places = list(await session.scalars(select(Place).where(Place.level == "district")))
        app = FastAPI()
        settings = Settings(_env_file=None, **REAL)  # type: ignore[arg-type]
        app.state.resources = Resources(settings, sessions, redis, wording.load())
        app.include_router(api.router)
        print(f"{SERVICES} services, {QUESTIONS} requests, milliseconds      p50      p95      max")
        for name, question in _questions(app, session, chance, ids, places).items():
            await _report(name, question)
        await _everything(app)
    await engine.dispose()


def _questions(
    app: FastAPI, session: AsyncSession, chance: random.Random, ids: list[UUID], places: list[Place]
) -> dict[str, Ask]:
    visitors, services = count(), iter(ids)

    async def get(path: str, **asked: Any) -> None:
        # Each from an address of its own: it isn't the limit that is measured.
        async with AsyncClient(
            transport=ASGITransport(app, client=(f"{next(visitors)}", 1)), base_url="http://-"
        ) as http:
            (await http.get(f"/hsds/{path}", params=asked)).raise_for_status()

    async def near(path: str, metres: int) -> None:
        place = chance.choice(places)
        await get(path, latitude=place.latitude, longitude=place.longitude, proximity=metres)

    async def peers(page: int, need: str | None = None) -> None:
        given = {"need": need, "limit": PER_PAGE, "offset": (page - 1) * PER_PAGE}
        for query in (PEER_COUNT, PEER_PAGE):
            await session.execute(text(query.format(asked=PEER_NEED if need else "true")), given)

    def term() -> str:
        return str(outgoing.term_id(chance.choice(NEEDS)))

    return {
        "services, page 1": lambda: get("services"),
        "the same from plain HSDS tables": lambda: peers(1),
        "services, page 1, full": lambda: get("services", full=True),
        f"services, page {LAST_PAGE}": lambda: get("services", page=LAST_PAGE),
        "the same from plain HSDS tables ": lambda: peers(LAST_PAGE),
        "services with a taxonomy term": lambda: get("services", taxonomy_term_id=term()),
        "the same from plain HSDS tables  ": lambda: peers(1, chance.choice(NEEDS)),
        "services, modified_after: all of them": lambda: get("services", modified_after="2026-01-01"),
        "services, modified_after: none": lambda: get("services", modified_after=LATER),
        "services at locations within 20 km": lambda: near("service_at_locations", 20_000),
        "services at locations within 200 km": lambda: near("service_at_locations", 200_000),
        "services by words": lambda: get("services", search="bati mura"),
        "services/{id}": lambda: get(f"services/{next(services)}"),
        "organizations": lambda: get("organizations"),
    }


async def _report(name: str, question: Ask) -> None:
    taken = []
    for _ in range(QUESTIONS):
        begun = time.perf_counter()
        await question()
        taken.append((time.perf_counter() - begun) * 1000)
    p50, p95 = statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
    print(f"  {name:45} {p50:8.2f} {p95:8.2f} {max(taken):8.2f}", flush=True)


async def _everything(app: FastAPI) -> None:
    for asked in ("services?minimal=true", "services?format=ndjson", "services?format=ndjson&full=true"):
        begun, size, lines = time.perf_counter(), 0, 0
        async for chunk in _stream(app, f"/hsds/{asked}"):
            size, lines = size + len(chunk), lines + chunk.count(b"\n")
        taken = time.perf_counter() - begun
        print(f"  {asked:45} {taken:8.1f} seconds, {size / 1e6:.0f} MB, {lines} lines", flush=True)


async def _stream(app: FastAPI, address: str) -> AsyncIterator[bytes]:
    """The body as it is sent: httpx would keep all of it until the end."""
    path, _, query = address.partition("?")
    scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": []}
    scope |= {"client": ("everything", 1), "http_version": "1.1", "scheme": "http", "root_path": ""}
    sent: asyncio.Queue[Any] = asyncio.Queue(maxsize=10)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    serving = asyncio.create_task(app(scope, receive, sent.put))
    more = True
    while more:
        message = await sent.get()
        yield message.get("body", b"")
        more = message["type"] == "http.response.start" or message.get("more_body", False)
    await serving


PEER_NEED = "exists (select from peer_need n where n.service_id = s.id and n.need = :need)"
PEER_COUNT = """select count(*) from peer_service s
  where exists (select from peer_at a where a.service_id = s.id) and {asked}"""
PEER_PAGE = """select s.id, s.name, s.summary from peer_service s
  where exists (select from peer_at a where a.service_id = s.id) and {asked}
  order by s.id limit :limit offset :offset"""


if __name__ == "__main__":
    main()
