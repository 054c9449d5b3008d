"""What isn't clear or isn't for us: the two likeliest readings as a question, or the menu; the second time a person."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.asked import follows_up, pieces_asked
from actions.choices import Choice, Events, offer, spoken
from actions.conversation import Help
from actions.details import Answer, asks_on_about_services
from actions.find_services import FindServices, GiveLocation, asks_there
from actions.referral import ReferralStatus
from conversations.danger import is_danger
from directory.guidance import named
from infrastructure.resources import Resources
from referrals import codes

UNCLEAR = "nlu_fallback"
# Understood as nothing we are for, noise included.
NOT_FOR_US = "out_of_scope"
# Two readings are worth a question where together they are likelier than not.
WORTH_ASKING = 0.5
# A person is offered the second time in a row.
PATIENCE = 2

# The entities of a reading.
Found = tuple[tuple[str, str], ...]


class Clarify(Action):
    """Asks «1 … 2 …»; bot/connector.py takes the number that comes back for the reading it stands for."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources

    def name(self) -> str:
        return "action_clarify"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        answer = await self._understood_after_all(dispatcher, tracker, domain)
        if answer is not None:
            return answer
        say, language = self.resources.wording.say, spoken(tracker)
        if tracker.active_loop_name:
            # The question is asked again after this.
            dispatcher.utter_message(text=say("utter_not_an_answer", language))
            return []
        if _unclear_in_a_row(tracker) >= PATIENCE:
            offered = [self._choice(intent, (), language) for intent in ("talk_to_human", "help")]
            return offer(dispatcher, tracker, say("utter_offer_person", language), offered)
        if readings := _two_readings(tracker.latest_message):
            offered = [self._choice(*reading, language) for reading in readings]
            question, after = say("utter_which_of_two", language), say("utter_or_other_words", language)
            return offer(dispatcher, tracker, question, offered, after)
        not_for_us = tracker.latest_message["intent"]["name"] == NOT_FOR_US
        dispatcher.utter_message(response="utter_out_of_scope" if not_for_us else "utter_not_understood")
        return [SlotSet("offered", None)]

    async def _understood_after_all(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Events | None:
        """The answer where what was said before, a code, a number or the name of somebody or something tells more."""
        text = tracker.latest_message.get("text") or ""
        if text.strip().isdecimal() and not tracker.active_loop_name:
            return await Help(self.resources).run(dispatcher, tracker, domain)
        if codes.parse(text):
            return await ReferralStatus(self.resources).run(dispatcher, tracker, domain)
        by_name = None if tracker.active_loop_name else await FindServices(self.resources).by_name(dispatcher, tracker)
        if by_name is not None:
            return by_name
        if asks_there(tracker) and not tracker.active_loop_name:
            return await GiveLocation(self.resources).run(dispatcher, tracker, domain)
        if follows_up(tracker) or asks_on_about_services(tracker):
            return await Answer(self.resources).run(dispatcher, tracker, domain)
        async with self.resources.sessions() as session:
            article = await named(session, text, demo=self.resources.settings.demo)
        if article is None:
            return None
        pieces = pieces_asked(tracker, of_article=True)
        return await Answer(self.resources).say(dispatcher, tracker, [article.topic], pieces)

    def _choice(self, intent: str, found: Found, language: str) -> Choice:
        """A reading to choose, with what it means in a few words."""
        say, needs = self.resources.wording.say, [value for entity, value in found if entity == "need"]
        if is_danger(intent):
            return Choice(say("utter_reading_danger", language), intent, found)
        if intent == "find_service" and needs:
            return Choice(say(f"utter_need_{needs[0]}", language), intent, found)
        return Choice(say(f"utter_reading_{intent}", language), intent, found)


def _two_readings(message: dict[str, Any]) -> list[tuple[str, Found]]:
    """The two likeliest readings of an unclear message, if it is likely to be one of them; otherwise none."""
    if message["intent"]["name"] != UNCLEAR:
        return []
    ranked = [one for one in message.get("intent_ranking", []) if one["name"] not in (UNCLEAR, NOT_FOR_US)][:2]
    if len(ranked) < 2 or sum(one["confidence"] for one in ranked) < WORTH_ASKING:
        return []
    found = tuple((one["entity"], one["value"]) for one in message.get("entities", []) if one.get("role") is None)
    readings = [one["name"] for one in ranked]
    # Two kinds of danger are one thing to ask about.
    return [] if all(map(is_danger, readings)) else [(reading, found) for reading in readings]


def _unclear_in_a_row(tracker: Tracker) -> int:
    """How many of the person's last messages, this one included, led nowhere."""
    unclear = 0
    for event in reversed(tracker.events):
        if event["event"] != "user":
            continue
        if event["parse_data"]["intent"]["name"] not in (UNCLEAR, NOT_FOR_US):
            break
        unclear += 1
    return unclear
