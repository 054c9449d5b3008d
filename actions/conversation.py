"""Actions about the conversation itself: its language, and a person instead of the bot."""

import uuid

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.asked import follows_up
from actions.choices import Choice, Events, offer, spoken
from actions.find_services import entities
from actions.guidance import Guide
from conversations import handover, opt_out
from conversations.language import ANSWERED
from conversations.models import Conversation, Message
from conversations.working_hours import with_away_note
from infrastructure.resources import Resources

# What somebody looks for: all that starting again forgets.
FORGOTTEN = ("need", "place", "pin", "asks", "open_now", "shown", "topic", "told", "focus", "offered")
# What can be asked, by the numbers of the menu; chosen, each asks on for what it needs.
MENU = ("find_service", "ask_document", "ask_property", "ask_return", "open_referral", "talk_to_human")


class Help(Action):
    """The menu: what can be asked, with numbers."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources

    def name(self) -> str:
        return "action_help"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        guide = Guide(self.resources)
        # "What is needed?" reads like "what can you do?"; what was just told decides.
        if follows_up(tracker) or await guide.explained(tracker):
            return await guide.run(dispatcher, tracker, domain)
        say, language = self.resources.wording.say, spoken(tracker)
        choices = [Choice(say(f"utter_menu_{intent}", language), intent) for intent in MENU]
        question, after = say("utter_help", language), say("utter_help_in_words", language)
        return offer(dispatcher, tracker, question, choices, after)


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


def promise_a_person(resources: Resources, dispatcher: CollectingDispatcher, tracker: Tracker, key: str) -> None:
    """Say a text that promises a person, with when staff are back where they are away."""
    language = spoken(tracker)
    dispatcher.utter_message(text=with_away_note(resources, language, resources.wording.say(key, language)))


async def call_a_person(resources: Resources, tracker: Tracker, reason: str) -> bool:
    """Put the conversation where staff see it; False when one was called already."""
    async with resources.sessions() as session:
        called = await handover.request(session, uuid.UUID(tracker.sender_id), reason)
        await session.commit()
    return called
