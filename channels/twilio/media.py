"""Fetching what people sent from Twilio: https://www.twilio.com/docs/messaging/api/media-resource

Addresses come with messages, so each is checked before anything is asked: our credentials go to the API's own host
alone. It answers with a redirect to where files really are; that is followed without them, and to Twilio's hosts only.
"""

from urllib.parse import SplitResult, urljoin, urlsplit

import httpx

from conversations.media import MOST_BYTES, File, Gone, NotFetched, NotOurs, TooLarge
from infrastructure.settings import LOOPBACK, Settings

TIMEOUT_SECONDS = 20.0
REDIRECTS = 3
# Where Twilio keeps files.
STORES = ("twilio.com", "twiliocdn.com", "amazonaws.com")


class TwilioFiles:
    """Twilio's store of what people sent (conversations.media.Files)."""

    def __init__(self, settings: Settings) -> None:
        self._api = settings.twilio_api_url
        self._credentials = (settings.required("twilio_account_sid"), settings.required("twilio_auth_token"))
        self._http = httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False)

    async def fetch(self, url: str) -> File:
        """The file at one of Twilio's addresses; raises NotOurs, Gone, TooLarge or NotFetched."""
        if not _is_same_server(url, self._api):
            raise NotOurs
        try:
            return await self._follow(url)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotFetched(type(error).__name__) from None

    async def _follow(self, url: str) -> File:
        for _ in range(REDIRECTS + 1):
            is_api = _is_same_server(url, self._api)
            if not is_api and not _is_store(url):
                raise NotOurs
            async with self._http.stream("GET", url, auth=self._credentials if is_api else None) as answer:
                if not answer.is_redirect:
                    return await _read(answer)
                url = urljoin(url, answer.headers.get("location", ""))
        raise NotFetched("too many redirects")

    async def close(self) -> None:
        await self._http.aclose()


async def _read(answer: httpx.Response) -> File:
    if answer.status_code in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
        raise Gone
    if not answer.is_success:
        raise NotFetched(str(answer.status_code))
    content = bytearray()
    async for chunk in answer.aiter_bytes():
        content += chunk
        if len(content) > MOST_BYTES:
            raise TooLarge
    return File(answer.headers.get("content-type", ""), bytes(content))


def _is_same_server(url: str, api: str) -> bool:
    """Whether an address is on the API's own server; this machine's names are one where the API is an emulator's."""
    there, ours = _server(url), _server(api)
    return there is not None and there == ours


def _server(url: str) -> tuple[str, str, int | None] | None:
    """Scheme, host and port; None for an address that hides its host behind a name and password, or has none."""
    parts = _split(url)
    if parts is None:
        return None
    host = str(parts.hostname)
    return parts.scheme, "loopback" if host in LOOPBACK else host, parts.port


def _is_store(url: str) -> bool:
    parts = _split(url)
    if parts is None or parts.scheme != "https" or parts.port not in (None, 443):
        return False
    return any(parts.hostname == store or str(parts.hostname).endswith(f".{store}") for store in STORES)


def _split(url: str) -> SplitResult | None:
    """The parts of an address that says plainly where it leads."""
    try:
        parts = urlsplit(url)
        says_plainly = parts.hostname and "@" not in parts.netloc and "\\" not in url and parts.port != 0
    except ValueError:  # no port, or no host, that is one
        return None
    return parts if says_plainly else None
