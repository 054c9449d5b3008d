"""Answering where help is: by need and place, asking for whichever is missing."""

from datetime import datetime
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import asking
from conversations.demand import IMPLIED_NEED
from conversations.language import DEFAULT
from directory import card
from directory.opening import BAGHDAD
from directory.places import nearest_district, place_name
from directory.results import Page
from directory.search import Wanted, search
from infrastructure.resources import Resources

# A first answer is at most three SMS parts (DESIGN.md); WhatsApp has no parts.
SMS_PARTS = 3
RESULTS = 2

Events = list[dict[str, Any]]


class FindServices(Action):
    """The need and the place of the last message, or those spoken of before, looked up in the directory."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources

    def name(self) -> str:
        return "action_find_services"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        implied = IMPLIED_NEED.get(tracker.latest_message["intent"]["name"])
        needs = entities(tracker, "need") or ([implied] if implied else tracker.get_slot("need") or [])
        place = next(iter(entities(tracker, "place")), None)
        if not place and (guessed := guessed_place(tracker)):
            return self.ask_whether(dispatcher, tracker, needs, guessed)
        pin = None if place else tracker.get_slot("pin")
        return await self.say(dispatcher, tracker, needs, place or tracker.get_slot("place"), pin)

    def ask_whether(self, dispatcher: CollectingDispatcher, tracker: Tracker, needs: list[str], guessed: str) -> Events:
        """Ask whether a misspelt name is the place it seems to be: a wrong address costs somebody the way there."""
        spoken = tracker.get_slot("language") or DEFAULT
        place = place_name(guessed, spoken)
        dispatcher.utter_message(text=self.resources.wording.say("utter_is_it_this_place", spoken, place=place))
        here = {"intent": "give_location", "entities": [{"entity": "place", "value": guessed}], "by": "affirm"}
        elsewhere = {"intent": "give_location", "entities": [], "by": "deny"}
        return [SlotSet("need", needs), SlotSet("offered", [here, elsewhere])]

    async def say(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        needs: list[str],
        place: str | None,
        pin: list[float] | None,
    ) -> Events:
        """Ask for what is missing, or answer from the directory; either way remember what is known."""
        text = tracker.latest_message.get("text") or ""
        asks, open_now = asking.status_of(text) or tracker.get_slot("asks") or [], asking.wants_open(text)
        known: Events = [SlotSet("need", needs), SlotSet("place", place), SlotSet("pin", pin)]
        known += [SlotSet("asks", asks), SlotSet("open_now", open_now)]
        if not needs:
            dispatcher.utter_message(response="utter_ask_need")
        elif not place:
            dispatcher.utter_message(response="utter_ask_place")
        else:
            page = await self.search(_wanted(needs, place, pin, asks, open_now), offset=0)
            return known + self.answer(dispatcher, tracker, page)
        return [*known, SlotSet("results_offset", 0)]

    async def search(self, wanted: Wanted, offset: int) -> Page:
        """Two results of the directory; demo rows count only where nothing reaches a real phone."""
        demo = self.resources.settings.demo
        async with self.resources.sessions() as session:
            return await search(session, wanted, offset=offset, limit=RESULTS, demo=demo)

    def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, page: Page) -> Events:
        """Say what was found within the channel's budget; remembers where "more" goes on, and what was said."""
        budget = SMS_PARTS if metadata(tracker).get("channel") == "sms" else None
        spoken = tracker.get_slot("language") or DEFAULT
        text, shown = card.fit(page, spoken, budget_parts=budget, wording=self.resources.wording)
        dispatcher.utter_message(text=text)
        told = [{"id": str(one.service_id), "name": one.service_name} for one in page.results[:shown]]
        return [SlotSet("results_offset", page.offset + shown), SlotSet("shown", told or tracker.get_slot("shown"))]


class GiveLocation(FindServices):
    """A place alone: the answer to our question, or a new place for the same need. A pin counts for its district."""

    def name(self) -> str:
        return "action_give_location"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        named = next(iter(entities(tracker, "place")), None)
        pin = None if named else _pin(tracker)
        place = named or (nearest_district(*pin) if pin else None)
        if place is None and (guessed := guessed_place(tracker)):
            return self.ask_whether(dispatcher, tracker, tracker.get_slot("need") or [], guessed)
        if place is None:
            dispatcher.utter_message(response="utter_place_unknown")
            return []
        return await self.say(dispatcher, tracker, tracker.get_slot("need") or [], place, pin)


class MoreResults(FindServices):
    """The next services of the last search."""

    def name(self) -> str:
        return "action_more_results"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        needs, place, pin = (tracker.get_slot(slot) for slot in ("need", "place", "pin"))
        offset = int(tracker.get_slot("results_offset") or 0)
        if not (needs and place and offset):
            return await self.say(dispatcher, tracker, needs or [], place, pin)
        wanted = _wanted(needs, place, pin, tracker.get_slot("asks") or [], bool(tracker.get_slot("open_now")))
        return self.answer(dispatcher, tracker, await self.search(wanted, offset))


def _wanted(needs: list[str], place: str, pin: list[float] | None, asks: list[str], open_now: bool) -> Wanted:
    point = (pin[0], pin[1]) if pin else None
    return Wanted(needs, place, point, eligible=asks, open_at=datetime.now(BAGHDAD) if open_now else None)


def _pin(tracker: Tracker) -> list[float] | None:
    """The latitude and longitude of a pin sent with the last message."""
    location = metadata(tracker).get("location")
    return [location["latitude"], location["longitude"]] if location else None


def entities(tracker: Tracker, name: str) -> list[str]:
    """The distinct values of an entity in the last message, in order."""
    return list(dict.fromkeys(tracker.get_latest_entity_values(name)))


def guessed_place(tracker: Tracker) -> str | None:
    """The place a misspelt name in the last message seems to mean (bot/components/lexicon_extractor.py)."""
    return next(tracker.get_latest_entity_values("place", entity_role="guess"), None)


def metadata(tracker: Tracker) -> dict[str, Any]:
    """What bot/connector.py sent along with the last message."""
    return tracker.latest_message.get("metadata") or {}
