"""What is said and done when somebody wants their data erased: nothing without a fresh yes."""

import time
import uuid
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import select, text

from actions.erasure import YES_HOLDS_SECONDS, DeleteMyData
from conversations.inbox import InboundMessage, accept
from conversations.models import Address, Conversation
from infrastructure import vault
from infrastructure.resources import Resources
from infrastructure.segments import parts
from infrastructure.wording import load

TEXTS = load().texts


async def heard(resources: Resources, number: str) -> uuid.UUID:
    """Somebody's conversation."""
    async with resources.sessions() as session:
        found = await accept(session, InboundMessage("sms", f"SM{uuid.uuid4().hex}", number, "احذف بياناتي"))
    assert found
    return found


async def asked(
    resources: Resources, conversation: uuid.UUID, language: str = "ar", confirmed: str | None = None
) -> tuple[str, Any]:
    """The action's text and what it offers, asked in a conversation."""
    entities = [{"entity": "confirmed", "value": confirmed}] if confirmed else []
    message = {"intent": {"name": "delete_my_data"}, "entities": entities, "text": "..."}
    tracker = Tracker(str(conversation), {"language": language}, message, [], False, None, {}, "action_listen")
    dispatcher = CollectingDispatcher()
    [event] = await DeleteMyData(resources).run(dispatcher, tracker, {})
    [said] = dispatcher.messages
    return said["text"], event["value"]


async def is_reachable(resources: Resources, number: str) -> bool:
    """Whether the number still leads to a conversation."""
    async with resources.sessions() as session:
        mine = Address.fingerprint == vault.unlocked().fingerprint(number)
        return await session.scalar(select(Conversation.id).join(Address).where(mine)) is not None


async def jobs(resources: Resources, conversation: uuid.UUID) -> int:
    query = text("select count(*) from procrastinate_jobs where task_name = 'erase_after_the_answer' and lock = :lock")
    async with resources.sessions() as session:
        return await session.scalar(query, {"lock": str(conversation)}) or 0


@pytest.mark.parametrize("language", ["ar", "en"])
async def test_it_asks_first(resources: Resources, number: str, language: str) -> None:
    conversation = await heard(resources, number)
    said, offered = await asked(resources, conversation, language)
    assert said.startswith(TEXTS["utter_delete_ask"][language])
    assert [(one["intent"], one["by"]) for one in offered] == [("delete_my_data", "affirm"), ("delete_my_data", "deny")]
    assert await is_reachable(resources, number)
    assert await jobs(resources, conversation) == 0


@pytest.mark.parametrize("language", ["ar", "en"])
async def test_a_yes_erases(resources: Resources, number: str, language: str) -> None:
    conversation = await heard(resources, number)
    _, offered = await asked(resources, conversation, language)
    said, left = await asked(resources, conversation, language, offered[0]["entities"][0]["value"])
    assert (said, left) == (TEXTS["utter_delete_done"][language], None)
    assert parts(said) <= 3
    assert not await is_reachable(resources, number)
    assert await jobs(resources, conversation) == 1


async def test_a_no_leaves_all_as_it_is(resources: Resources, number: str) -> None:
    conversation = await heard(resources, number)
    _, offered = await asked(resources, conversation)
    said, left = await asked(resources, conversation, confirmed=offered[1]["entities"][0]["value"])
    assert (said, left) == (TEXTS["utter_delete_kept"]["ar"], None)
    assert await is_reachable(resources, number)
    assert await jobs(resources, conversation) == 0


async def test_a_yes_of_long_ago_is_asked_again(resources: Resources, number: str) -> None:
    conversation = await heard(resources, number)
    stale = str(int(time.time()) - YES_HOLDS_SECONDS - 1)
    said, offered = await asked(resources, conversation, confirmed=stale)
    assert said.startswith(TEXTS["utter_delete_ask"]["ar"])
    assert float(offered[0]["entities"][0]["value"]) > float(stale)
    assert await is_reachable(resources, number)


async def test_another_phone_erases_itself_only(resources: Resources, number: str) -> None:
    mine, theirs = await heard(resources, number), await heard(resources, f"{number}9")
    _, offered = await asked(resources, theirs)
    await asked(resources, theirs, confirmed=offered[0]["entities"][0]["value"])
    assert await is_reachable(resources, number)
    assert not await is_reachable(resources, f"{number}9")
    assert await jobs(resources, mine) == 0


async def test_both_channels_of_one_number_are_one_person(resources: Resources, number: str) -> None:
    conversation = await heard(resources, number)
    async with resources.sessions() as session:
        await accept(session, InboundMessage("whatsapp", f"SM{uuid.uuid4().hex}", number, "hello"))
    _, offered = await asked(resources, conversation)
    await asked(resources, conversation, confirmed=offered[0]["entities"][0]["value"])
    assert not await is_reachable(resources, number)


async def test_of_a_conversation_that_is_gone_there_is_nothing_to_erase(resources: Resources) -> None:
    gone = uuid.uuid4()
    _, offered = await asked(resources, gone)
    said, _ = await asked(resources, gone, confirmed=offered[0]["entities"][0]["value"])
    assert said == TEXTS["utter_delete_done"]["ar"]
    assert await jobs(resources, gone) == 0
