"""Actions about the conversation itself: a person called, honestly, and messages stopped and started."""

import uuid
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import select

from actions.conversation import StartMessages, StopMessages, TalkToHuman
from actions.feedback import GiveFeedback
from conversations import opt_out
from conversations.assistant import Reply, Understood
from conversations.models import Message, Turn
from conversations.turns import _settle
from conversations.urgent import Answer
from infrastructure.local_time import BAGHDAD
from infrastructure.resources import Resources
from infrastructure.working_hours import WEEK
from tests.conversations.far_ends import Provider, delivered, provider
from tests.conversations.staff import periods, texted

__all__ = ["provider"]

# Hours of a day that is not today.
NOT_NOW = f"{WEEK[datetime.now(BAGHDAD).isoweekday() % 7 - 3]} 08:00-16:00"


async def run(
    action: Action, conversation: uuid.UUID, language: str = "en", message: object = None, intent: str = "x"
) -> list[dict[str, Any]]:
    """What an action says."""
    latest = {"text": "", "intent": {"name": intent}, "entities": [], "message_id": str(message)}
    tracker = Tracker(str(conversation), {"language": language}, latest, [], False, None, {}, None)
    dispatcher = CollectingDispatcher()
    await action.run(dispatcher, tracker, {})
    return list(dispatcher.messages)


async def asked(resources: Resources, conversation: uuid.UUID) -> Message:
    async with resources.sessions() as session:
        found = await session.scalars(select(Message).where(Message.conversation_id == conversation))
        return found.one()


@pytest.mark.parametrize("language", ["ar", "en"])
async def test_a_person_is_promised_with_the_hour_to_wait_for(resources: Resources, number: str, language: str) -> None:
    conversation = await texted(resources, number, "a person please")
    away = replace(resources, settings=resources.settings.model_copy(update={"staff_hours": NOT_NOW}))
    back = {"ar": "فريقنا يرجع للدوام", "en": "They are back"}[language]
    first, second = [(await run(TalkToHuman(away), conversation, language))[0]["text"] for _ in range(2)]
    assert first.startswith(resources.wording.say("utter_person_called", language))
    assert second.startswith(resources.wording.say("utter_person_already_called", language))
    assert back in first
    assert back in second
    [passed] = await run(GiveFeedback(away), conversation, language, intent="give_feedback")
    assert back in passed["text"]
    [now] = await run(TalkToHuman(resources), conversation, language)
    assert now["text"] == resources.wording.say("utter_person_already_called", language)
    [period] = await periods(resources, conversation)
    assert period.reason == "asked"


async def test_a_wish_in_other_words_stops_messages_and_is_confirmed(
    resources: Resources, number: str, provider: Provider
) -> None:
    conversation = await texted(resources, number, "please I do not want your texts any more ok")
    message = await asked(resources, conversation)
    [said] = await run(StopMessages(resources), conversation, message=message.id)
    assert said["response"] == "utter_stopped"
    async with resources.sessions() as session:
        assert await opt_out.is_out(session, conversation)
        session.add(Turn(message_id=message.id, outcome="waiting", language="en", entities={}))
        await session.commit()
    # What came of it goes out, though it answers what was written before the wish was known.
    understood = Understood("stop_messages", 0.9, True, {})
    await _settle(resources, message, "answered", Answer([Reply("Done.")], understood))
    assert await delivered(resources, provider, conversation) == ["sending"]
    [said] = await run(StartMessages(resources), conversation, message=message.id)
    assert said["response"] == "utter_started"
    async with resources.sessions() as session:
        assert not await opt_out.is_out(session, conversation)


async def test_started_messages_may_be_started_again(resources: Resources, number: str) -> None:
    conversation = await texted(resources, number, "send me messages please ok")
    assert await run(StartMessages(resources), conversation)
