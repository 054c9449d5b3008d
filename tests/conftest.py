"""What every test may use: real engines, the migrated database, and the whole stack across from an emulator."""

import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from redis import Redis
from redis.exceptions import RedisError

from channels.emulator.config import EmulatorConfig
from daleel import database
from infrastructure.engines import EmbeddedPostgres, free_port, valkey_command
from infrastructure.resources import Resources, opened
from infrastructure.settings import Settings
from tests.emulator.running import running_emulator
from tests.phone import Phone
from tests.stack import ACCOUNT, SMS_NUMBER, TOKEN, WHATSAPP_NUMBER, Stack

GOOD_SECRET = "not very random but long enough, as it must be"
_numbers = count(1)


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """Not pytest's folder: another run of pytest closes that one to PostgreSQL's own user while ours is starting."""
    with TemporaryDirectory(prefix="daleel-test-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def database_url(home: Path) -> Iterator[str]:
    """A PostgreSQL of the tests' own, brought up to date by the migrations."""
    postgres = EmbeddedPostgres(home)
    url = postgres.start()
    database.migrate(url)
    yield url
    postgres.stop()


@pytest.fixture(scope="session")
def redis_url(home: Path) -> Iterator[str]:
    """A Valkey of the tests' own."""
    port = free_port()
    with subprocess.Popen(valkey_command(home, port, "sesame"), stdout=subprocess.DEVNULL) as server:
        url = f"redis://:sesame@127.0.0.1:{port}/0"
        deadline = time.monotonic() + 10
        with Redis.from_url(url) as client:
            while time.monotonic() < deadline:
                with suppress(RedisError):
                    client.ping()
                    break
        yield url
        server.terminate()


@pytest.fixture(scope="session")
def settings(home: Path, database_url: str, redis_url: str) -> Settings:
    return Settings(  # type: ignore[call-arg]
        _env_file=None,
        DALEEL_HOME=home,
        DATABASE_URL=database_url,
        REDIS_URL=redis_url,
        DALEEL_SECRET=GOOD_SECRET,
        # What is said doesn't depend on when tests run.
        DALEEL_STAFF_HOURS="SU-SA 00:00-24:00",
    )


@pytest.fixture(scope="session")
async def resources(settings: Settings) -> AsyncIterator[Resources]:
    async with opened(settings) as resources:
        yield resources


@pytest.fixture
def number() -> str:
    """A phone number nobody used before in this run; it never leaves the emulator."""
    return f"+964700{next(_numbers):07d}"


@pytest.fixture(scope="session")
def stack_port() -> int:
    return Stack.choose_port()


@pytest.fixture(scope="session")
def emulator_url(stack_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The emulator that the stack talks to."""
    webhook = f"http://localhost:{stack_port}/twilio/messages"
    assets = tmp_path_factory.mktemp("assets")
    config = EmulatorConfig(ACCOUNT, TOKEN, SMS_NUMBER, WHATSAPP_NUMBER, webhook, assets)
    with running_emulator(config) as url:
        yield url


@pytest.fixture(scope="session")
def stack(stack_port: int, emulator_url: str, home: Path) -> Iterator[Stack]:
    """The product, all of it, started once for all journeys."""
    running = Stack(home / "stack", emulator_url, stack_port)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def phone(stack: Stack, emulator_url: str, number: str) -> Phone:
    return Phone(emulator_url, number)


@pytest.fixture
def whatsapp(stack: Stack, emulator_url: str, number: str) -> Phone:
    return Phone(emulator_url, number, "whatsapp")
