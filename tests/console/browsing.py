"""A browser reduced to what the tests need of one: cookies and the token in our forms."""

import re
from typing import Any

import httpx
from fastapi import FastAPI

EMAIL, PASSWORD = "zainab@example.org", "correct horse battery"


class Visitor(httpx.AsyncClient):
    """Sends forms as a browser would: with the token of the page they are on."""

    async def token(self, page: str = "/console/sign-in") -> str:
        found = re.search(r'name="form_token" value="(\w+)"', (await self.get(page, follow_redirects=True)).text)
        assert found
        return found[1]

    async def submit(self, address: str, page: str = "/console/sign-in", **fields: Any) -> httpx.Response:
        return await self.post(address, data={"form_token": await self.token(page), **fields})

    async def sign_in(self, email: str = EMAIL, password: str = PASSWORD, **fields: Any) -> httpx.Response:
        return await self.submit("/console/sign-in", email=email, password=password, **fields)


def browsing(app: FastAPI) -> Visitor:
    """A browser of its own, without a network between."""
    return Visitor(transport=httpx.ASGITransport(app), base_url="http://test", headers={"Accept-Language": "en"})
