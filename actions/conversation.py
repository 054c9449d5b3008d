"""Actions about the conversation itself: its language, and a person instead of the bot."""

import uuid

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.find_services import Events, entities
from conversations import handover, opt_out
from conversations.language import ANSWERED, DEFAULT
from conversations.models import Conversation, Message
from conversations.working_hours import with_away_note
from infrastructure.resources import Resources

# What somebody looks for: all that starting again forgets.
FORGOTTEN = ("need", "place", "pin", "asks", "open_now", "shown")


class ChangeLanguage(Action):
    """Answer in the language somebody asked for, from now on; without one named, the other of the two."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources

    def name(self) -> str:
        return "action_change_language"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        other = "en" if tracker.get_slot("language") == "ar" else "ar"
        wanted = next(iter(entities(tracker, "language")), other)
        if wanted not in ANSWERED:
            dispatcher.utter_message(response="utter_language_unavailable")
            return []
        async with self.resources.sessions() as session:
            conversation = await session.get_one(Conversation, uuid.UUID(tracker.sender_id))
            conversation.language = wanted
            await session.commit()
        dispatcher.utter_message(text=self.resources.wording.say("utter_language_changed", wanted))
        return [SlotSet("language", wanted)]


class TalkToHuman(Action):
    """Put the conversation where staff see it."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources

    def name(self) -> str:
        return "action_talk_to_human"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        called = await call_a_person(self.resources, tracker, "asked")
        key = "utter_person_called" if called else "utter_person_already_called"
        promise_a_person(self.resources, dispatcher, tracker, key)
        return []


class PassOn(Action):
    """What only a person can do, in words for the case: `utter_pass_on_` and the intent."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources

    def name(self) -> str:
        return "action_pass_on"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        intent = tracker.latest_message["intent"]["name"]
        reason = "misconduct" if intent == "report_misconduct" else "asked"
        await call_a_person(self.resources, tracker, reason)
        promise_a_person(self.resources, dispatcher, tracker, f"utter_pass_on_{intent}")
        return []


class StopMessages(Action):
    """Send nothing more that somebody didn't ask for."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources

    def name(self) -> str:
        return "action_stop_messages"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        async with self.resources.sessions() as session:
            said = await session.get(Message, uuid.UUID(tracker.latest_message["message_id"]))
            await opt_out.record(session, uuid.UUID(tracker.sender_id), said.created_at if said else None)
            await session.commit()
        dispatcher.utter_message(response="utter_stopped")
        return []


class StartMessages(Action):
    """Send messages again to somebody who had said stop."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources

    def name(self) -> str:
        return "action_start_messages"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        async with self.resources.sessions() as session:
            await opt_out.lift(session, uuid.UUID(tracker.sender_id))
            await session.commit()
        dispatcher.utter_message(response="utter_started")
        return []


class StartAgain(Action):
    """Forget what was spoken of; the language stays."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources

    def name(self) -> str:
        return "action_start_again"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        dispatcher.utter_message(response="utter_start_again")
        return [SlotSet(slot, None) for slot in FORGOTTEN] + [SlotSet("results_offset", 0)]


def promise_a_person(resources: Resources, dispatcher: CollectingDispatcher, tracker: Tracker, key: str) -> None:
    """Say a text that promises a person, with when staff are back where they are away."""
    spoken = tracker.get_slot("language") or DEFAULT
    dispatcher.utter_message(text=with_away_note(resources, spoken, resources.wording.say(key, spoken)))


async def call_a_person(resources: Resources, tracker: Tracker, reason: str) -> bool:
    """Put the conversation where staff see it; False when one was called already."""
    async with resources.sessions() as session:
        called = await handover.request(session, uuid.UUID(tracker.sender_id), reason)
        await session.commit()
    return called
