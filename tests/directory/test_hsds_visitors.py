"""Nobody asks /hsds too much, everybody may copy all of it, and it answers when nobody can be counted."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from limits import parse
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from directory.exchange import visitors
from infrastructure import rate_limits
from infrastructure.engines import free_port
from infrastructure.settings import Settings
from infrastructure.wording import Wording
from tests.directory.visiting import Api, served


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitors, "PER_ADDRESS", (parse("5/minute"),))
    monkeypatch.setattr(visitors, "WHOLE_LISTS", (parse("2/hour"),))
    monkeypatch.setattr(visitors, "SEARCHES", (parse("2/minute"),))


@pytest.mark.usefixtures("few")
async def test_too_many_requests_are_told_when_to_go_on(hsds: Api) -> None:
    # What is malformed or not there counts like everything else.
    for path, status in (("", 200), ("services", 200), ("services/x", 404), ("profile", 200)):
        assert (await hsds.get(path)).status_code == status
    assert (await hsds.get("services", page=0)).status_code == 422
    answer = await hsds.get("taxonomies")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 60
    assert answer.json()["detail"].startswith(f"Too many requests: go on in {answer.headers['retry-after']} seconds")
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.usefixtures("few")
async def test_whole_lists_are_counted_by_themselves(hsds: Api) -> None:
    for name in ("services", "taxonomies"):
        assert (await hsds.get(name, format="ndjson")).status_code == 200
    answer = await hsds.get("organizations", format="ndjson")
    assert (answer.status_code, int(answer.headers["retry-after"]) > 60) == (429, True)
    assert (await hsds.get("organizations")).status_code == 200


@pytest.mark.usefixtures("few")
async def test_searches_are_counted_by_themselves(hsds: Api) -> None:
    for name in ("services", "taxonomies"):
        assert (await hsds.get(name, search="food")).status_code == 200
    assert (await hsds.get("organizations", search="food")).status_code == 429
    assert (await hsds.get("organizations")).status_code == 200


@pytest.mark.usefixtures("few")
async def test_one_visitor_does_not_use_up_what_another_may_ask(hsds: Api) -> None:
    app = hsds.client._transport.app  # type: ignore[attr-defined]
    async with AsyncClient(transport=ASGITransport(app, client=("192.0.2.9", 1)), base_url="http://test") as other:
        for _ in range(6):
            last = await hsds.get("")
        assert last.status_code == 429
        assert (await other.get("/hsds/")).status_code == 200


async def test_a_mirror_that_reads_every_page_is_never_stopped(hsds: Api) -> None:
    for number in range(1, 501):
        assert (await hsds.get("taxonomies", page=number, per_page=200)).status_code == 200


@pytest.fixture
async def silent() -> AsyncIterator[Redis]:
    """A Redis that takes calls and never answers."""

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with Redis(port=port, socket_timeout=30) as redis:
        yield redis
    server.close()


@pytest.fixture
async def down() -> AsyncIterator[Redis]:
    async with Redis(port=free_port(), retry=Retry(NoBackoff(), 0)) as redis:
        yield redis


@pytest.mark.parametrize("broken", ["down", "silent"])
async def test_without_redis_everybody_is_let_through_and_the_log_says_so(
    session: AsyncSession,
    words: Wording,
    broken: str,
    request: pytest.FixtureRequest,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    down: Redis,
    silent: Redis,
) -> None:
    monkeypatch.setattr(visitors, "PATIENCE", 0.05)
    redis = {"down": down, "silent": silent}[broken]
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    with caplog.at_level(logging.WARNING):
        async for api in served(session, settings, words, redis):
            assert (await api.get("services")).status_code == 200
    assert "requests under /hsds are not counted" in caplog.text


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("testclient", "testclient"),
        (None, "unknown"),
    ],
)
def test_a_network_of_ipv6_is_one_caller(address: str | None, counted: str) -> None:
    scope = {"type": "http", "client": (address, 1) if address else None}
    assert rate_limits.caller(HTTPConnection(scope)) == counted


async def test_a_header_makes_nobody_somebody_else(hsds: Api) -> None:
    """A proxy's word is uvicorn's to judge (daleel.cli.serve); by itself the API believes no header."""
    app: FastAPI = hsds.client._transport.app  # type: ignore[attr-defined]
    async with AsyncClient(transport=ASGITransport(app, client=("192.0.2.77", 1)), base_url="http://test") as one:
        for number in range(visitors.PER_ADDRESS[0].amount):
            await one.get("/hsds/profile/none.json", headers={"X-Forwarded-For": f"198.51.100.{number % 250}"})
        assert (await one.get("/hsds/", headers={"X-Forwarded-For": "198.51.100.251"})).status_code == 429
