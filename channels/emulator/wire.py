"""The wire to the product: forms posted with Twilio's signature."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import httpx
from twilio.request_validator import RequestValidator

# Twilio retries a webhook only when the connection fails: the waits before the second and third try.
RETRY_SECONDS = (0.2, 1.0)


class Wire:
    """Posts signed forms to the product, and keeps what still has to be posted alive."""

    def __init__(self, auth_token: str) -> None:
        self._validator = RequestValidator(auth_token)
        # The product is called directly, whatever proxies the machine has; 15 s is Twilio's own limit. Every post has
        # a connection of its own: one kept open would break when the product restarts.
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(15, pool=None),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
            trust_env=False,
        )
        self._running: set[asyncio.Task[None]] = set()

    async def post(self, url: str, form: dict[str, str]) -> bool:
        """Post the form, signed; True when the product took it."""
        headers = {"X-Twilio-Signature": self._validator.compute_signature(url, form)}
        for pause in (*RETRY_SECONDS, None):
            try:
                return (await self._client.post(url, data=form, headers=headers)).is_success
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if pause is None:
                    return False
                await asyncio.sleep(pause)
            except httpx.HTTPError:
                return False
        return False

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something after the request that asked for it has been answered."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def close(self) -> None:
        """Stop what is still under way."""
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._client.aclose()
