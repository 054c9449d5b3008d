"""A visitor of the HSDS API, which is served in a test's own transaction."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from directory.exchange import api
from directory.exchange.hsds import Page
from infrastructure.resources import Resources
from infrastructure.settings import Settings
from infrastructure.wording import Wording

_visitors = count()
# The lists, what is in each, and the forms in which it may be asked for.
LISTS = {
    "services": ("service", ({}, {"full": True})),
    "organizations": ("organization", ({}, {"full": True}, {"full_service": True})),
    "service_at_locations": ("service_at_location", ({}, {"full": True})),
    "taxonomies": ("taxonomy", ({},)),
    "taxonomy_terms": ("taxonomy_term", ({},)),
}


@dataclass
class Api:
    """A visitor of the API."""

    client: AsyncClient

    async def get(self, path: str, **asked: Any) -> Response:
        return await self.client.get(f"/hsds/{path}", params=asked)

    async def page(self, path: str, **asked: Any) -> dict[str, Any]:
        answer = await self.get(path, **asked)
        assert answer.status_code == 200, answer.text
        assert set(answer.json()) == set(Page.model_fields)
        return answer.json()  # type: ignore[no-any-return]

    async def names(self, path: str, **asked: Any) -> list[str]:
        """The names of a list's services or organizations, in its order."""
        contents = (await self.page(path, **asked))["contents"]
        return [(one.get("service") or one)["name"] for one in contents]

    async def everything(self) -> str:
        """All that leaves: every list in every form, and everything in them by its id."""
        answers = []
        for name, (_, forms) in LISTS.items():
            for asked in forms:
                answers.append(await self.get(name, format="ndjson", **asked))
                answers.append(await self.get(name, per_page=200, **asked))
            answers += [await self.get(f"{name}/{one['id']}") for one in answers[-1].json()["contents"]]
        answers.append(await self.get("services", minimal=True))
        assert {answer.status_code for answer in answers} == {200}
        return "\n".join(answer.text for answer in answers)


async def served(session: AsyncSession, settings: Settings, words: Wording, redis: Redis) -> AsyncIterator[Api]:
    """The API in the test's own transaction, to a visitor whom nobody has counted yet."""
    sessions = async_sessionmaker(
        await session.connection(), expire_on_commit=False, join_transaction_mode="create_savepoint"
    )
    app = FastAPI()
    app.state.resources = Resources(settings, sessions, redis, words)
    app.include_router(api.router)
    transport = ASGITransport(app, client=(f"visitor {next(_visitors)}", 1))
    async with AsyncClient(transport=transport, base_url="http://daleel.example") as client:
        yield Api(client)
