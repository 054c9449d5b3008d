"""What somebody says about help they got or were told of: a report where something is plainly wrong, else to staff."""

from typing import Any
from uuid import UUID

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.conversation import PassOn, call_a_person
from actions.find_services import Events, entities
from actions.reports import reason_of
from conversations.language import DEFAULT
from directory.tasks import NotPublished, open_task

# A service as the last answer showed it: {"id", "name": {language: text}}.
Shown = dict[str, Any]


class GiveFeedback(PassOn):
    """Keep that a service was closed or its number wrong, so that staff look into it; anything else a person reads."""

    def name(self) -> str:
        return "action_give_feedback"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        chosen = entities(tracker, "report")
        reason = chosen[0] if chosen else reason_of(tracker.latest_message.get("text") or "")
        shown: list[Shown] = tracker.get_slot("shown") or []
        one_service = len({one["id"] for one in shown}) == 1
        about = entities(tracker, "service") or ([shown[0]["id"]] if one_service else [])
        service = next((one for one in shown if one["id"] in about), None)
        if reason and service:
            return await self._report(dispatcher, tracker, service, reason)
        if reason and shown:
            return self._ask_which(dispatcher, tracker, shown, reason)
        return await super().run(dispatcher, tracker, domain)

    def _ask_which(self, dispatcher: CollectingDispatcher, tracker: Tracker, shown: list[Shown], reason: str) -> Events:
        """Which of the services just shown: a report about the wrong one would send others away from help."""
        spoken = tracker.get_slot("language") or DEFAULT
        first, second = (one["name"][spoken] for one in shown[:2])
        dispatcher.utter_message(
            text=self.resources.wording.say("utter_report_which", spoken, first=first, second=second)
        )
        return [SlotSet("offered", [_about(one, reason) for one in shown[:2]])]

    async def _report(self, dispatcher: CollectingDispatcher, tracker: Tracker, service: Shown, reason: str) -> Events:
        spoken, conversation = tracker.get_slot("language") or DEFAULT, UUID(tracker.sender_id)
        async with self.resources.sessions() as session:
            try:
                await open_task(session, UUID(service["id"]), reason, "person", conversation_id=conversation)
                await session.commit()
            except NotPublished:
                # Staff took it out of the answers meanwhile: what was to be said is known.
                await session.rollback()
        if reason == "refused":
            await call_a_person(self.resources, tracker, "asked")
        key = "utter_report_refused" if reason == "refused" else "utter_report_noted"
        dispatcher.utter_message(text=self.resources.wording.say(key, spoken, service=service["name"][spoken]))
        return [SlotSet("offered", None)]


def _about(service: Shown, reason: str) -> dict[str, Any]:
    """The reading that a number stands for: this report about this service."""
    told = {"service": service["id"], "report": reason}
    return {"intent": "give_feedback", "entities": [{"entity": one, "value": value} for one, value in told.items()]}
