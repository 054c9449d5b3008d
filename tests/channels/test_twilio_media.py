"""What people sent is fetched from Twilio alone: our credentials and our network are nobody else's to use."""

import base64
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest
from fastapi import FastAPI, Request, Response

from channels.twilio import media
from channels.twilio.media import TwilioFiles, _is_same_server, _is_store
from conversations.media import MOST_BYTES, Gone, NotFetched, NotOurs, TooLarge
from infrastructure.settings import Settings
from tests.emulator.running import serving
from tests.stack import ACCOUNT, SMS_NUMBER, TOKEN

API = "https://api.twilio.com"


@dataclass
class Far:
    """A server that remembers who asked it for what."""

    url: str = ""
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    leads_to: str = ""


@pytest.fixture
def servers() -> Iterator[tuple[Far, Far]]:
    """The API, and some other server on this network."""
    with ExitStack() as stack:
        yield _far(stack), _far(stack)


def _far(stack: ExitStack) -> Far:
    far, app = Far(), FastAPI()

    @app.get("/{path:path}")
    async def get(path: str, request: Request) -> Response:
        far.asked.append((path, request.headers.get("authorization")))
        match path:
            case "picture":
                return Response(b"a picture", media_type="image/png")
            case "large":
                return Response(b"x" * (MOST_BYTES + 1))
            case "away":
                return Response(status_code=307, headers={"location": far.leads_to})
            case "round":
                return Response(status_code=302, headers={"location": "/round"})
            case "broken":
                return Response(status_code=500)
        return Response(status_code=404)

    far.url = stack.enter_context(serving(app))
    return far


@pytest.fixture
def files(servers: tuple[Far, Far]) -> TwilioFiles:
    return TwilioFiles(
        Settings(  # type: ignore[call-arg]
            _env_file=None,
            TWILIO_ACCOUNT_SID=ACCOUNT,
            TWILIO_AUTH_TOKEN=TOKEN,
            TWILIO_SMS_NUMBER=SMS_NUMBER,
            TWILIO_API_URL=servers[0].url,
        )
    )


async def test_a_file_is_fetched_with_our_credentials(files: TwilioFiles, servers: tuple[Far, Far]) -> None:
    api, _ = servers
    file = await files.fetch(f"{api.url}/picture")
    assert (file.content, file.content_type) == (b"a picture", "image/png")
    credentials = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    assert api.asked == [("picture", f"Basic {credentials}")]


async def test_this_machine_is_one_host_whatever_it_is_called(files: TwilioFiles, servers: tuple[Far, Far]) -> None:
    """The phone page calls it localhost."""
    api, _ = servers
    assert (await files.fetch(f"{api.url}/picture".replace("127.0.0.1", "localhost"))).content == b"a picture"


async def test_no_other_server_is_asked(files: TwilioFiles, servers: tuple[Far, Far]) -> None:
    api, other = servers
    with pytest.raises(NotOurs):
        await files.fetch(f"{other.url}/picture")
    api.leads_to = f"{other.url}/picture"
    with pytest.raises(NotOurs):
        await files.fetch(f"{api.url}/away")
    assert other.asked == []


async def test_a_redirect_is_followed_without_our_credentials(
    files: TwilioFiles, servers: tuple[Far, Far], monkeypatch: pytest.MonkeyPatch
) -> None:
    api, store = servers
    monkeypatch.setattr(media, "_is_store", lambda url: url.startswith(store.url))
    api.leads_to = f"{store.url}/picture"
    assert (await files.fetch(f"{api.url}/away")).content == b"a picture"
    assert store.asked == [("picture", None)]


@pytest.mark.parametrize(
    ("path", "error"), [("gone", Gone), ("large", TooLarge), ("broken", NotFetched), ("round", NotFetched)]
)
async def test_what_comes_of_what_is_not_there(
    files: TwilioFiles, servers: tuple[Far, Far], path: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await files.fetch(f"{servers[0].url}/{path}")


async def test_a_server_that_does_not_listen() -> None:
    nobody = Settings(  # type: ignore[call-arg]
        _env_file=None,
        TWILIO_ACCOUNT_SID=ACCOUNT,
        TWILIO_AUTH_TOKEN=TOKEN,
        TWILIO_SMS_NUMBER=SMS_NUMBER,
        TWILIO_API_URL="http://127.0.0.1:9",
    )
    with pytest.raises(NotFetched):
        await TwilioFiles(nobody).fetch("http://127.0.0.1:9/picture")


@pytest.mark.parametrize(
    "url",
    [
        "http://api.twilio.com/x",
        "https://api.twilio.com:8443/x",
        "https://api.twilio.com.evil.example/x",
        "https://evil.example/api.twilio.com",
        "https://api.twilio.com@evil.example/x",
        "https://evil.example\\@api.twilio.com/x",
        "https://user:pass@api.twilio.com/x",
        "https://xapi.twilio.com/x",
        "http://169.254.169.254/latest/meta-data",
        "http://localhost/x",
        "http://[::1]/x",
        "file:///etc/passwd",
        "ftp://api.twilio.com/x",
        "//api.twilio.com/x",
        "https://[",
        "https://api.twilio.com:port/x",
        "",
        "x",
    ],
)
def test_addresses_that_only_look_like_the_api(url: str) -> None:
    assert not _is_same_server(url, API)


def test_the_api_itself() -> None:
    assert _is_same_server(f"{API}/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media/ME1", API)
    assert _is_same_server("https://API.twilio.com/x", API)


@pytest.mark.parametrize(
    ("url", "is_store"),
    [
        ("https://mms.twiliocdn.com/AC1/x?Expires=1", True),
        ("https://s3-external-1.amazonaws.com/media.twiliocdn.com/x", True),
        ("http://mms.twiliocdn.com/x", False),
        ("https://eviltwiliocdn.com/x", False),
        ("https://twiliocdn.com.evil.example/x", False),
        ("https://mms.twiliocdn.com:8080/x", False),
        ("https://mms.twiliocdn.com@evil.example/x", False),
        ("https://127.0.0.1/x", False),
        ("", False),
    ],
)
def test_where_twilio_keeps_files(url: str, is_store: bool) -> None:
    assert _is_store(url) is is_store
