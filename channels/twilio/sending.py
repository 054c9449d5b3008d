"""Sending through Twilio's REST API with its official client: https://www.twilio.com/docs/messaging/api/message-resource"""

import hashlib
import json
import logging
import re
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from redis.asyncio import Redis
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from conversations.outbox import NotReached, Outgoing, Refused
from infrastructure.settings import TWILIO_API, Settings

logger = logging.getLogger(__name__)

CONTENT_API = "https://content.twilio.com"
ARABIC = re.compile(r"[\u0600-\u06ff]")
TIMEOUT_SECONDS = 20.0
# Errors of ours or of Twilio that pass without the message being at fault: credentials, rate, their outage.
PASSING = {401, 403, 408, 429}
# No clear answer. Their texts quote addresses: they are never chained to what we raise (`from None`).
UNREACHED = (TwilioException, aiohttp.ClientError, TimeoutError, json.JSONDecodeError)
# https://www.twilio.com/docs/api/errors/21655
NO_SUCH_CONTENT = 21655
# WhatsApp shows at most three reply buttons of 20 characters: https://www.twilio.com/docs/content/twilio-quick-reply
MAX_BUTTONS, MAX_BUTTON_TITLE = 3, 20
# A list has at most ten rows of 24 characters: https://www.twilio.com/docs/content/twiliolist-picker
MAX_ROWS, MAX_ROW_TITLE, MAX_ROW_DESCRIPTION = 10, 24, 72
# What opens the list.
CHOOSE = {"ar": "اختر", "en": "Choose"}
MAX_BODY = 1024


class TwilioSender:
    """The sending half of SMS and WhatsApp (conversations.outbox.Provider)."""

    def __init__(self, settings: Settings, redis: Redis) -> None:
        self._settings = settings
        self._redis = redis
        self._http = RedirectingClient(settings.twilio_api_url, timeout=TIMEOUT_SECONDS)
        self._client = Client(
            settings.required("twilio_account_sid"),
            settings.required("twilio_auth_token"),
            http_client=self._http,
        )

    async def send(self, message: Outgoing) -> str:
        """Hand a message to Twilio; returns its MessageSid."""
        try:
            created = await self._client.messages.create_async(
                to=self._address(message.channel, message.to),
                status_callback=f"{self._settings.public_base}/twilio/status?message={message.id}",
                **self._sender(message.channel),
                **await self._content(message),
            )
        except TwilioRestException as error:
            if error.code == NO_SUCH_CONTENT and message.template is None:
                await self._redis.delete(_content_key(message))
                raise NotReached("Twilio: the quick replies are gone there and are made anew") from None
            raise _meaning(error) from None
        except UNREACHED as error:
            raise NotReached(f"Twilio: {type(error).__name__}") from None
        if not created.sid:
            raise NotReached("Twilio: an answer without an id")
        return str(created.sid)

    async def find(self, message: Outgoing, since: datetime) -> list[str]:
        """MessageSids of equal messages that Twilio took from a minute before `since` on (clocks differ)."""
        try:
            sent = await self._client.messages.list_async(
                to=self._address(message.channel, message.to),
                date_sent_after=since - timedelta(minutes=1),
                limit=50,
            )
        except UNREACHED as error:
            raise NotReached(f"Twilio: {type(error).__name__}") from None
        return [str(item.sid) for item in sent if item.body == message.text and str(item.direction) != "inbound"]

    def has_template(self, language: str) -> bool:
        """Whether the operator named a template for this language (TWILIO_WHATSAPP_TEMPLATE_...)."""
        return self._template(language) is not None

    async def close(self) -> None:
        await self._http.close()  # type: ignore[no-untyped-call]

    def _sender(self, channel: str) -> dict[str, str]:
        if channel == "sms" and self._settings.twilio_messaging_service_sid:
            return {"messaging_service_sid": self._settings.twilio_messaging_service_sid}
        number = self._settings.required(f"twilio_{channel}_number")
        return {"from_": self._address(channel, number.removeprefix("whatsapp:"))}

    @staticmethod
    def _address(channel: str, address: str) -> str:
        return f"whatsapp:{address}" if channel == "whatsapp" else address

    def _template(self, language: str) -> str | None:
        templates = {
            "ar": self._settings.twilio_whatsapp_template_ar,
            "en": self._settings.twilio_whatsapp_template_en,
        }
        return templates[language]

    async def _content(self, message: Outgoing) -> dict[str, str]:
        """The text, with answers to tap where WhatsApp can show them (the text alone says the same); or a template."""
        if message.template and (template := self._template(message.template)):
            return {"content_sid": template}
        shape = _shape(message) if message.channel == "whatsapp" and len(message.text) <= MAX_BODY else None
        return {"content_sid": await self._made(message, shape)} if shape else {"body": message.text}

    async def _made(self, message: Outgoing, shape: dict[str, Any]) -> str:
        """Twilio's content for this text and its answers: made once, then remembered."""
        key = _content_key(message)
        known = await self._redis.get(key)
        if known:
            return str(known, "ascii") if isinstance(known, bytes) else known
        body = {"friendly_name": key, "language": _language(message.text), "types": shape}
        # Not through `client.content`: its asynchronous create posts this JSON as a form (twilio 9.13).
        made = await self._client.request_async(
            "POST",
            f"{CONTENT_API}/v1/Content",
            data=json.dumps(body),  # type: ignore[arg-type]
            headers={"Content-Type": "application/json"},
        )
        if made.status_code >= 400:
            raise TwilioRestException(made.status_code, CONTENT_API, f"content: {made.text[:200]}")
        sid = str(json.loads(made.text)["sid"])
        await self._redis.set(key, sid)
        return sid


def _shape(message: Outgoing) -> dict[str, Any] | None:
    """The answers as buttons, or as a list where they are more or longer; None where neither holds them."""
    titles = message.quick_replies
    if not 0 < len(titles) <= MAX_ROWS:
        return None
    if len(titles) <= MAX_BUTTONS and all(len(title) <= MAX_BUTTON_TITLE for title in titles):
        actions = [{"type": "QUICK_REPLY", "title": title, "id": title} for title in titles]
        return {"twilio/quick-reply": {"body": message.text, "actions": actions}}
    button = CHOOSE[_language(message.text)]
    return {"twilio/list-picker": {"body": message.text, "button": button, "items": [_row(title) for title in titles]}}


def _row(title: str) -> dict[str, str]:
    """A row of a list; a long title begins in the row and stands whole below it."""
    if len(title) <= MAX_ROW_TITLE:
        return {"item": title, "id": title}
    return {"item": title[: MAX_ROW_TITLE - 1] + "…", "id": title, "description": title[:MAX_ROW_DESCRIPTION]}


def _language(text: str) -> str:
    return "ar" if ARABIC.search(text) else "en"


class RedirectingClient(AsyncTwilioHttpClient):
    """Twilio's HTTP client, with another base address where TWILIO_API_URL names one."""

    def __init__(self, base_url: str, timeout: float) -> None:
        super().__init__(timeout=timeout)
        self._base_url = base_url.rstrip("/")

    async def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:  # type: ignore[override]
        if self._base_url != TWILIO_API:
            for host in (TWILIO_API, CONTENT_API):
                url = url.replace(host, self._base_url, 1)
        kwargs["timeout"] = kwargs.get("timeout") or self.timeout
        return await super().request(method, url, *args, **kwargs)


def _content_key(message: Outgoing) -> str:
    content = json.dumps([message.text, *message.quick_replies])
    return f"daleel:content:{hashlib.sha256(content.encode()).hexdigest()[:24]}"


def _meaning(error: TwilioRestException) -> Exception:
    """What an error answer means for the message: try again, or give up."""
    if error.status in PASSING or error.status >= 500:
        logger.error("Twilio answers %s (code %s): trying again", error.status, error.code)
        return NotReached(f"Twilio: {error.status}")
    return Refused(error.code or error.status)
