"""What somebody asks about what they were just told: a service's hours or phone, or a piece of an article."""

from typing import Any
from uuid import UUID

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import asking
from actions.asked import ASKED, pieces_asked
from actions.choices import Events, budget, spoken
from actions.find_services import FindServices, entities
from actions.guidance import Guide
from directory import details
from directory.details import Known
from infrastructure.local_time import day_in_iraq
from infrastructure.segments import parts


class ServiceDetail(FindServices):
    """The aspects that were asked for, of the services shown last or of the article told last."""

    def name(self) -> str:
        return "action_service_detail"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        if (answered := await self.by_name(dispatcher, tracker)) is not None:
            return answered
        if entities(tracker, "topic") or (tracker.get_slot("focus") == "topic" and not entities(tracker, "need")):
            return await Guide(self.resources).run(dispatcher, tracker, domain)
        # An address is where it is.
        pieces = [{"address": "where"}.get(piece, piece) for piece in pieces_asked(tracker, of_article=False)]
        asked = [piece for piece in pieces if piece in details.ASPECTS]
        shown = await self._still_known(tracker.get_slot("shown") or [])
        if not asked or not shown or entities(tracker, "need"):
            return await super().run(dispatcher, tracker, domain)
        dispatcher.utter_message(text=self._said(tracker, shown, asked))
        return [SlotSet("focus", "services")]

    def _said(self, tracker: Tracker, shown: list[Known], asked: list[str]) -> str:
        """As many of the services as fit, all their aspects before the next: the first is never cut."""
        said = [details.detail(one, asked, spoken(tracker), self.resources.wording) for one in shown]
        room = budget(tracker)
        while room and len(said) > 1 and parts("\n\n".join(said)) > room:
            said.pop()
        return "\n\n".join(said)

    async def _still_known(self, shown: list[dict[str, Any]]) -> list[Known]:
        """Those of the services that people may still be told of."""
        demo, today = self.resources.settings.demo, day_in_iraq()
        async with self.resources.sessions() as session:
            found = [
                await details.known(session, UUID(one["id"]), UUID(one["at"]), today=today, demo=demo) for one in shown
            ]
        return [one for one in found if one]


class Answer(Guide):
    """An article; or, of a question that names no topic, more about the services shown last: "what should I bring?"."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        if asks_on_about_services(tracker):
            return await ServiceDetail(self.resources).run(dispatcher, tracker, domain)
        return await super().run(dispatcher, tracker, domain)


def asks_on_about_services(tracker: Tracker) -> bool:
    """Whether a message that names nothing else asks on about the services shown last."""
    named = any(entities(tracker, kind) for kind in ("need", "place", "topic", *ASKED.values()))
    in_hand = tracker.get_slot("focus") == "services" and tracker.get_slot("shown")
    return bool(in_hand) and not named and bool(asking.pieces_of(tracker.latest_message.get("text") or ""))
