"""WhatsApp's 24 hours, through Twilio's client and the emulated Twilio: held, asked once, sent in order."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from channels.emulator.config import EmulatorConfig
from channels.twilio.sending import TwilioSender
from conversations import opt_out, outbox
from conversations.assistant import Reply
from conversations.models import Conversation, Message
from infrastructure.resources import Resources
from infrastructure.settings import Settings
from tests.conversations.context import Context, Job
from tests.conversations.far_ends import Provider, Rasa, delivered, turn
from tests.conversations.staff import messages, periods, replied, taken_over, texted
from tests.emulator.product import Product
from tests.emulator.running import Clock, running_emulator, serving
from tests.phone import Phone
from tests.stack import ACCOUNT, SMS_NUMBER, TOKEN, WHATSAPP_NUMBER

TEMPLATE = {"ar": f"HX{'a' * 32}", "en": f"HX{'e' * 32}"}
TEXTS = {TEMPLATE["ar"]: "اكتب أي كلمة", TEMPLATE["en"]: "write any word"}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def webhooks() -> Iterator[str]:
    """Where the emulator posts to: what people write is stored by the tests."""
    with serving(Product().app) as url:
        yield url


@pytest.fixture
def emulator(webhooks: str, clock: Clock, tmp_path: Path) -> Iterator[str]:
    webhook = f"{webhooks}/twilio/messages"
    config = EmulatorConfig(ACCOUNT, TOKEN, SMS_NUMBER, WHATSAPP_NUMBER, webhook, tmp_path, TEXTS)
    with running_emulator(config, clock) as url:
        yield url


@pytest.fixture
async def twilio(resources: Resources, webhooks: str, emulator: str) -> AsyncIterator[TwilioSender]:
    sender = TwilioSender(_settings(resources, webhooks, emulator, TEMPLATE), resources.redis)
    yield sender
    await sender.close()


def _settings(resources: Resources, webhooks: str, emulator: str, templates: dict[str, str | None]) -> Settings:
    return Settings(  # type: ignore[call-arg]
        _env_file=None,
        DALEEL_HOME=resources.settings.home,
        TWILIO_ACCOUNT_SID=ACCOUNT,
        TWILIO_AUTH_TOKEN=TOKEN,
        TWILIO_WHATSAPP_NUMBER=WHATSAPP_NUMBER,
        TWILIO_API_URL=emulator,
        PUBLIC_URL=webhooks,
        TWILIO_WHATSAPP_TEMPLATE_AR=templates["ar"],
        TWILIO_WHATSAPP_TEMPLATE_EN=templates["en"],
    )


async def writes(resources: Resources, phone: Phone, body: str) -> uuid.UUID:
    """Somebody writes on WhatsApp: the emulator knows it, and so do we."""
    await asyncio.to_thread(phone.texts, body)
    return await texted(resources, phone.number, body, "whatsapp")


async def a_day_passes(resources: Resources, conversation: uuid.UUID, clock: Clock) -> None:
    clock.pass_(hours=25)
    async with resources.sessions() as session:
        of = Message.conversation_id == conversation
        await session.execute(update(Message).where(of).values(created_at=Message.created_at - timedelta(hours=25)))
        await session.commit()


async def shown(phone: Phone, count: int) -> list[str]:
    """The next messages on the phone, in their order."""
    return [(await asyncio.to_thread(phone.receives, within_parts=20)).body for _ in range(count)]


async def notified(resources: Resources, conversation: uuid.UUID, text: str) -> None:
    async with resources.sessions() as session:
        told = await session.get_one(Conversation, conversation)
        await outbox.say(session, told, [Reply(text)], "system")
        await session.commit()


async def test_what_comes_too_late_waits_for_the_person_and_goes_out_in_order(
    resources: Resources, number: str, zainab: uuid.UUID, twilio: TwilioSender, emulator: str, clock: Clock, rasa: Rasa
) -> None:
    phone = Phone(emulator, number, "whatsapp")
    conversation = await writes(resources, phone, "where is my card")
    await taken_over(resources, conversation, zainab)
    await replied(resources, conversation, zainab, "I ask for you")
    await delivered(resources, twilio, conversation)
    assert (await shown(phone, 2))[1] == "I ask for you"
    await a_day_passes(resources, conversation, clock)
    for text in ("it is in Duhok", "they open at 8"):
        await replied(resources, conversation, zainab, text)
    *_, first, second, template = await delivered(resources, twilio, conversation)
    assert (first, second) == ("held", "held")
    assert template != "held"
    assert await shown(phone, 1) == [TEXTS[TEMPLATE["ar"]]]
    await writes(resources, phone, "ok")
    await turn(resources, rasa.assistant, conversation)
    await delivered(resources, twilio, conversation)
    assert await shown(phone, 2) == ["it is in Duhok", "they open at 8"]
    kinds = [message.kind for message in await messages(resources, conversation)]
    assert kinds.count("template") == 1


async def test_each_closed_window_is_asked_about_once(
    resources: Resources, number: str, twilio: TwilioSender, emulator: str, clock: Clock, rasa: Rasa
) -> None:
    phone = Phone(emulator, number, "whatsapp")
    conversation = await writes(resources, phone, "hello")
    for day in range(2):
        await a_day_passes(resources, conversation, clock)
        for news in ("news", "more news"):
            await notified(resources, conversation, f"{news} of day {day}")
            await delivered(resources, twilio, conversation)
        assert await shown(phone, 1) == [TEXTS[TEMPLATE["en" if day else "ar"]]]  # "ok" told the language
        await writes(resources, phone, "ok")
        await turn(resources, rasa.assistant, conversation)
        await delivered(resources, twilio, conversation)
        assert await shown(phone, 3) == [f"news of day {day}", f"more news of day {day}", "the bot answers"]


async def test_stop_in_answer_to_the_template_withholds_what_waited(
    resources: Resources, number: str, twilio: TwilioSender, emulator: str, clock: Clock, rasa: Rasa
) -> None:
    phone = Phone(emulator, number, "whatsapp")
    conversation = await writes(resources, phone, "hello")
    await a_day_passes(resources, conversation, clock)
    await notified(resources, conversation, "news")
    await delivered(resources, twilio, conversation)
    await shown(phone, 1)
    await writes(resources, phone, "stop")
    await turn(resources, rasa.assistant, conversation)
    news, *_ = await delivered(resources, twilio, conversation)
    assert news == "withheld"
    [confirmed] = await shown(phone, 1)
    assert "START" in confirmed
    async with resources.sessions() as session:
        assert await opt_out.is_out(session, conversation)


async def test_without_a_template_staff_see_that_it_waits(
    resources: Resources, number: str, webhooks: str, emulator: str, clock: Clock
) -> None:
    sender = TwilioSender(_settings(resources, webhooks, emulator, {"ar": None, "en": None}), resources.redis)
    phone = Phone(emulator, number, "whatsapp")
    conversation = await writes(resources, phone, "hello")
    await a_day_passes(resources, conversation, clock)
    await notified(resources, conversation, "news")
    assert await delivered(resources, sender, conversation) == ["held"]
    await sender.close()
    [period] = await periods(resources, conversation)
    assert (period.reason, period.taken_by) == ("window", None)


async def test_twilios_clock_has_the_last_word(
    resources: Resources, number: str, twilio: TwilioSender, emulator: str, clock: Clock
) -> None:
    """We think the window is open, Twilio says 63016: held all the same."""
    phone = Phone(emulator, number, "whatsapp")
    conversation = await writes(resources, phone, "hello")
    clock.pass_(hours=25)
    await notified(resources, conversation, "news")
    assert (await delivered(resources, twilio, conversation))[0] == "held"
    assert await shown(phone, 1) == [TEXTS[TEMPLATE["ar"]]]


async def test_a_template_that_is_gone_calls_a_person_and_is_not_tried_for_ever(
    resources: Resources, number: str, webhooks: str, emulator: str, clock: Clock
) -> None:
    gone = {"ar": f"HX{'0' * 32}", "en": f"HX{'1' * 32}"}
    sender = TwilioSender(_settings(resources, webhooks, emulator, gone), resources.redis)
    phone = Phone(emulator, number, "whatsapp")
    conversation = await writes(resources, phone, "hello")
    await a_day_passes(resources, conversation, clock)
    await notified(resources, conversation, "news")
    assert await delivered(resources, sender, conversation) == ["held", "failed"]
    await sender.close()
    [period] = await periods(resources, conversation)
    assert period.reason == "window"


async def test_sms_has_no_window(resources: Resources, number: str, provider: Provider, clock: Clock) -> None:
    conversation = await texted(resources, number, "hello")
    await a_day_passes(resources, conversation, clock)
    await notified(resources, conversation, "news")
    assert await delivered(resources, provider, conversation) == ["sending"]


async def test_after_a_crash_what_was_sent_is_looked_for_before_it_is_held(
    resources: Resources, number: str, clock: Clock
) -> None:
    """A try whose end is unknown reached the provider: the window has closed since, and nothing is said twice."""

    class Found(Provider):
        async def find(self, message: outbox.Outgoing, since: datetime) -> list[str]:
            return ["SMthere"]

    conversation = await texted(resources, number, "hello", "whatsapp")
    await notified(resources, conversation, "news")
    [message] = await messages(resources, conversation)
    async with resources.sessions() as session:
        tried = {"status": "sending", "attempted_at": message.created_at}
        await session.execute(update(Message).where(Message.id == message.id).values(**tried))
        await session.commit()
    await a_day_passes(resources, conversation, clock)
    await outbox.deliver(Context(Job(1), {"resources": resources, "provider": Found()}), str(message.id))
    [message] = await messages(resources, conversation)
    assert (message.provider_id, message.status) == ("SMthere", "sending")
