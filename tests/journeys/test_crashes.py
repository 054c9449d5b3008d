"""Any process may die at any moment: nothing is lost, nothing is said twice, answers keep their order."""

from collections.abc import Iterator

import httpx
import pytest

from tests.phone import Phone
from tests.stack import Stack

PLACES = ["Mosul", "Duhok", "Kirkuk", "Erbil", "Baghdad"]
AFTER_A_CRASH = 90


@pytest.fixture(autouse=True)
def whole_again(stack: Stack) -> Iterator[None]:
    """The next test finds everything up."""
    yield
    stack.wait_until_ready()


def ask(phone: Phone) -> None:
    for place in PLACES:
        phone.texts(f"where is a doctor in {place}")


def answers(phone: Phone) -> list[str]:
    """What came, without the one apology that an outage may bring."""
    received = []
    while len(received) < len(PLACES):
        text = phone.receives(timeout=AFTER_A_CRASH).body
        if "went wrong" not in text:
            received.append(text)
    return received


@pytest.mark.parametrize("process", ["worker", "actions", "rasa", "valkey"])
def test_a_process_dies_while_people_text(stack: Stack, phone: Phone, process: str) -> None:
    phone.texts("hello")
    phone.receives("Daleel")
    stack.kill(process)
    ask(phone)
    for place, answer in zip(PLACES, answers(phone), strict=True):
        assert place in answer
    phone.texts("thank you")
    phone.receives("welcome", timeout=AFTER_A_CRASH)


def test_the_web_process_dies_and_twilio_tries_again(stack: Stack, phone: Phone) -> None:
    stack.kill("web")
    stack.wait_until_ready()
    ask(phone)
    assert len(answers(phone)) == len(PLACES)


def test_postgres_dies(stack: Stack, phone: Phone) -> None:
    phone.texts("hello")
    phone.receives("Daleel")
    stack.kill("postgres")
    ask(phone)
    for place, answer in zip(PLACES, answers(phone), strict=True):
        assert place in answer


class TestTwilioFails:
    """The far side's bad days, by the emulator's failure scripts."""

    @pytest.fixture(autouse=True)
    def healed(self, emulator_url: str) -> Iterator[None]:
        yield
        httpx.delete(f"{emulator_url}/faults", trust_env=False).raise_for_status()

    def fault(self, emulator_url: str, **script: object) -> None:
        httpx.post(f"{emulator_url}/faults", json=script, trust_env=False).raise_for_status()

    @pytest.mark.parametrize("status", [429, 500, 503])
    def test_it_is_down_for_a_moment(self, emulator_url: str, phone: Phone, status: int) -> None:
        self.fault(emulator_url, where="send", times=2, to=phone.number, status=status)
        phone.texts("hello")
        phone.receives("Daleel", timeout=30)
        assert phone.has_received(1)

    def test_it_took_the_message_but_never_said_so(self, emulator_url: str, phone: Phone) -> None:
        self.fault(emulator_url, where="send", to=phone.number, effect="accept_then_drop")
        phone.texts("hello")
        phone.receives("Daleel", timeout=30)
        phone.texts("thank you")
        phone.receives("welcome", timeout=30)
        assert phone.has_received(2)

    def test_it_refuses_a_message_for_good(self, emulator_url: str, phone: Phone) -> None:
        self.fault(emulator_url, where="send", to=phone.number, status=400, code=21211)
        phone.texts("hello")
        phone.texts("thank you")
        phone.receives("welcome", timeout=30)
        assert phone.has_received(1)

    @pytest.mark.parametrize("effect", ["duplicate", "reorder"])
    def test_its_callbacks_come_twice_or_backward(self, emulator_url: str, phone: Phone, effect: str) -> None:
        self.fault(emulator_url, where="callback", to=phone.number, effect=effect)
        phone.texts("hello")
        phone.receives("Daleel")

    def test_it_delivers_an_inbound_message_twice(self, emulator_url: str, phone: Phone) -> None:
        self.fault(emulator_url, where="webhook", to=phone.number, effect="duplicate")
        phone.texts("hello")
        phone.receives("Daleel")
        phone.texts("thank you")
        phone.receives("welcome")
        assert phone.has_received(2)
