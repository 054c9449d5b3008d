"""What isn't clear or isn't for us: the two likeliest readings as a question, or the menu; the second time a person."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.find_services import Events
from conversations.danger import is_danger
from conversations.language import DEFAULT
from infrastructure.resources import Resources

UNCLEAR = "nlu_fallback"
# Understood as nothing we are for, noise included.
NOT_FOR_US = "out_of_scope"
# Two readings are worth a question where together they are likelier than not.
WORTH_ASKING = 0.5
# A person is offered the second time in a row.
PATIENCE = 2

Reading = dict[str, Any]


class Clarify(Action):
    """Asks «1 … 2 …»; bot/connector.py takes the number that comes back for the reading it stands for."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources

    def name(self) -> str:
        return "action_clarify"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        spoken = tracker.get_slot("language") or DEFAULT
        say = self.resources.wording.say
        if _unclear_in_a_row(tracker) >= PATIENCE:
            offered = [_reading("talk_to_human"), _reading("help")]
            dispatcher.utter_message(text=say("utter_offer_person", spoken))
        elif offered := _two_readings(tracker.latest_message):
            first, second = (self._described(reading, spoken) for reading in offered)
            dispatcher.utter_message(text=say("utter_which_of_two", spoken, first=first, second=second))
        elif tracker.latest_message["intent"]["name"] == NOT_FOR_US:
            dispatcher.utter_message(response="utter_out_of_scope")
        else:
            dispatcher.utter_message(response="utter_not_understood")
        return [SlotSet("offered", offered or None)]

    def _described(self, reading: Reading, spoken: str) -> str:
        """What a reading means, in a few words."""
        if is_danger(reading["intent"]):
            return self.resources.wording.say("utter_reading_danger", spoken)
        needs = [entity["value"] for entity in reading["entities"] if entity["entity"] == "need"]
        if reading["intent"] == "find_service" and needs:
            return self.resources.wording.say(f"utter_need_{needs[0]}", spoken)
        return self.resources.wording.say(f"utter_reading_{reading['intent']}", spoken)


def _two_readings(message: dict[str, Any]) -> list[Reading]:
    """The two likeliest readings of an unclear message, if it is likely to be one of them; otherwise none."""
    if message["intent"]["name"] != UNCLEAR:
        return []
    ranked = [one for one in message.get("intent_ranking", []) if one["name"] not in (UNCLEAR, NOT_FOR_US)][:2]
    if len(ranked) < 2 or sum(one["confidence"] for one in ranked) < WORTH_ASKING:
        return []
    found = [{"entity": one["entity"], "value": one["value"]} for one in message.get("entities", [])]
    readings = [_reading(one["name"], found) for one in ranked]
    # Two kinds of danger are one thing to ask about.
    return [] if all(is_danger(reading["intent"]) for reading in readings) else readings


def _reading(intent: str, entities: list[dict[str, Any]] | None = None) -> Reading:
    return {"intent": intent, "entities": entities or []}


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
