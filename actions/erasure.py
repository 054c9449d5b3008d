"""Somebody wants all that we know of them erased: asked once whether they do, and done when they say yes."""

import time
import uuid

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.find_services import Events, entities
from conversations import erasure
from conversations.language import DEFAULT
from infrastructure.resources import Resources

# What can't be undone needs a fresh yes: the next day's "1" may answer something else.
YES_HOLDS_SECONDS = 3600


class DeleteMyData(Action):
    """Asks «1 yes 2 no» and erases on the yes alone; what that was asked about, and when, is in the reading offered."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources

    def name(self) -> str:
        return "action_delete_my_data"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        spoken, say = tracker.get_slot("language") or DEFAULT, self.resources.wording.say
        answer = next(iter(entities(tracker, "confirmed")), None)
        if answer == "no":
            dispatcher.utter_message(text=say("utter_delete_kept", spoken))
            return [SlotSet("offered", None)]
        if answer is None or time.time() - float(answer) > YES_HOLDS_SECONDS:
            dispatcher.utter_message(text=say("utter_delete_ask", spoken))
            now = str(int(time.time()))
            return [SlotSet("offered", [_reading(now, by="affirm"), _reading("no", by="deny")])]
        async with self.resources.sessions() as session:
            await erasure.begin(session, uuid.UUID(tracker.sender_id))
            await session.commit()
        dispatcher.utter_message(text=say("utter_delete_done", spoken))
        return [SlotSet("offered", None)]


def _reading(confirmed: str, *, by: str) -> dict[str, object]:
    """What a number, a yes or a no stands for."""
    return {"intent": "delete_my_data", "entities": [{"entity": "confirmed", "value": confirmed}], "by": by}
