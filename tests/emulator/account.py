"""The account the tests use, and Twilio's own client with its requests sent to the emulator."""

from typing import Any

from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response

ACCOUNT = "AC" + "0" * 32
TOKEN = "a token for tests"
SMS_NUMBER = "+15550001111"
WHATSAPP_NUMBER = "whatsapp:+15550002222"


class Redirected(TwilioHttpClient):
    """The official HTTP client, its requests sent to the emulator instead."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self.base_url = base_url

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        for host in ("https://api.twilio.com", "https://content.twilio.com"):
            url = url.replace(host, self.base_url)
        return super().request(method, url, *args, **kwargs)
