"""An emulator and a stand-in product, fresh for every test, and the official client pointed at the emulator."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from twilio.rest import Client

from channels.emulator.config import EmulatorConfig
from tests.emulator.account import ACCOUNT, SMS_NUMBER, TOKEN, WHATSAPP_NUMBER, Redirected
from tests.emulator.product import Product
from tests.emulator.running import Clock, running_emulator, serving
from tests.phone import Phone


@pytest.fixture
def product() -> Product:
    return Product()


@pytest.fixture
def product_url(product: Product) -> Iterator[str]:
    with serving(product.app) as url:
        yield url


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def config(product_url: str, tmp_path: Path) -> EmulatorConfig:
    webhook = f"{product_url}/twilio/messages"
    return EmulatorConfig(ACCOUNT, TOKEN, SMS_NUMBER, WHATSAPP_NUMBER, webhook, tmp_path)


@pytest.fixture
def emulator_url(config: EmulatorConfig, clock: Clock) -> Iterator[str]:
    with running_emulator(config, clock) as url:
        yield url


@pytest.fixture
def http(emulator_url: str) -> Iterator[httpx.Client]:
    """Plain HTTP to the emulator: the phone API and the faults."""
    with httpx.Client(base_url=emulator_url, trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture
def twilio(emulator_url: str) -> Client:
    return Client(ACCOUNT, TOKEN, http_client=Redirected(emulator_url))


@pytest.fixture
def phone(emulator_url: str) -> Phone:
    return Phone(emulator_url, "+9647000000009")


@pytest.fixture
def whatsapp(emulator_url: str) -> Phone:
    return Phone(emulator_url, "+9647000000009", "whatsapp")
