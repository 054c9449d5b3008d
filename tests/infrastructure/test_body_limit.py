"""Bodies up to the bound arrive whole; beyond it nothing does, however they come."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request

from infrastructure.body_limit import BodyLimit

LIMIT, LARGER = 1000, 3000


@pytest.fixture
async def client() -> httpx.AsyncClient:
    app = FastAPI()
    app.add_middleware(BodyLimit, limit=LIMIT, larger={"/files": LARGER})

    @app.post("/files/other")
    @app.post("/files")
    @app.put("/files")
    @app.post("/")
    async def length(request: Request) -> int:
        return len(await request.body())

    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


async def chunks(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 100):
        yield b"x" * 100


async def test_up_to_the_bound(client: httpx.AsyncClient) -> None:
    assert (await client.post("/", content=b"x" * LIMIT)).json() == LIMIT
    assert (await client.post("/", content=chunks(LIMIT))).json() == LIMIT
    assert (await client.post("/")).json() == 0


async def test_beyond_it(client: httpx.AsyncClient) -> None:
    assert (await client.post("/", content=b"x" * (LIMIT + 1))).status_code == 413
    assert (await client.post("/", content=chunks(LIMIT + 100))).status_code == 413


async def test_a_path_that_takes_files_has_a_bound_of_its_own(client: httpx.AsyncClient) -> None:
    assert (await client.post("/files", content=b"x" * LARGER)).json() == LARGER
    assert (await client.post("/files", content=chunks(LARGER))).json() == LARGER
    assert (await client.post("/files", content=b"x" * (LARGER + 1))).status_code == 413
    assert (await client.post("/files", content=chunks(LARGER + 100))).status_code == 413
    for address in ("/", "/files/", "/files/other"):
        assert (await client.post(address, content=b"x" * (LIMIT + 1))).status_code == 413
    assert (await client.put("/files", content=b"x" * (LIMIT + 1))).status_code == 413
