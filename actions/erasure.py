"""Somebody wants all that we know of them erased: asked once whether they do, and done when they say yes."""

import time
import uuid

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.choices import Choice, Events, offer, spoken
from actions.find_services import entities
from conversations import erasure
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
        say, language = self.resources.wording.say, spoken(tracker)
        answer = next(iter(entities(tracker, "confirmed")), None)
        if answer == "no":
            dispatcher.utter_message(text=say("utter_delete_kept", language))
            return [SlotSet("offered", None)]
        if answer is None or time.time() - float(answer) > YES_HOLDS_SECONDS:
            asked_at = ("confirmed", str(int(time.time())))
            yes = Choice(say("utter_choice_delete", language), "delete_my_data", (asked_at,), by="affirm")
            no = Choice(say("utter_choice_no", language), "delete_my_data", (("confirmed", "no"),), by="deny")
            # A form that waits is left for this.
            return offer(dispatcher, tracker, say("utter_delete_ask", language), [yes, no], of_form=True)
        async with self.resources.sessions() as session:
            await erasure.begin(session, uuid.UUID(tracker.sender_id))
            await session.commit()
        dispatcher.utter_message(text=say("utter_delete_done", language))
        return [SlotSet("offered", None)]
