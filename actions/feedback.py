"""What somebody says about help they got or were told of: a report where something is plainly wrong, else to staff."""

from typing import Any
from uuid import UUID

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.choices import Choice, Events, offer, spoken
from actions.conversation import call_a_person, promise_a_person
from actions.find_services import entities
from actions.reports import reason_of
from directory.tasks import NotPublished, open_task
from infrastructure.resources import Resources

# A service as the last answer showed it: {"id", "name": {language: text}}.
Shown = dict[str, Any]


class GiveFeedback(Action):
    """Keep that a service was closed or its number wrong, so that staff look into it; anything else a person reads."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources

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
        await call_a_person(self.resources, tracker, "asked")
        promise_a_person(self.resources, dispatcher, tracker, "utter_pass_on_give_feedback")
        return []

    def _ask_which(self, dispatcher: CollectingDispatcher, tracker: Tracker, shown: list[Shown], reason: str) -> Events:
        """Which of the services just shown: a report about the wrong one would send others away from help."""
        question = self.resources.wording.say("utter_report_which", spoken(tracker))
        return offer(dispatcher, tracker, question, [_about(one, reason, spoken(tracker)) for one in shown[:2]])

    async def _report(self, dispatcher: CollectingDispatcher, tracker: Tracker, service: Shown, reason: str) -> Events:
        language, conversation = spoken(tracker), UUID(tracker.sender_id)
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
        dispatcher.utter_message(text=self.resources.wording.say(key, language, service=service["name"][language]))
        return [SlotSet("offered", None)]


def _about(service: Shown, reason: str, language: str) -> Choice:
    """The service whose number is chosen, with this report about it."""
    return Choice(service["name"][language], "give_feedback", (("service", service["id"]), ("report", reason)))
