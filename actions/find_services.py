"""Answering where help is: by need and place, asking for whichever is missing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import asking
from actions.asked import follows_up, is_sure_need
from actions.choices import Choice, Events, budget, offer, spoken
from actions.guidance import NEEDS, Guide
from conversations.demand import IMPLIED_NEED
from directory import card
from directory.named import organizations
from directory.places import nearest_district, place_name
from directory.results import Page
from directory.search import Wanted, search
from infrastructure.local_time import BAGHDAD, day_in_iraq
from infrastructure.resources import Resources

RESULTS = 2
# What most people look for: offered where somebody names no need.
COMMON_NEEDS = ("health", "food", "shelter", "cash", "livelihoods", "legal_aid", "mhpss", "education")


class FindServices(Action):
    """The need and the place of the last message, or those spoken of before, looked up in the directory."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources

    def name(self) -> str:
        return "action_find_services"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        guide = Guide(self.resources)
        if (answered := await self.by_name(dispatcher, tracker)) is not None:
            return answered
        if asks_there(tracker):
            return await GiveLocation(self.resources).run(dispatcher, tracker, domain)
        if follows_up(tracker) or await guide.explained(tracker):
            return await guide.run(dispatcher, tracker, domain)
        if _lost_papers(tracker):
            return guide.ask_which(dispatcher, tracker, "document")
        implied = IMPLIED_NEED.get(tracker.latest_message["intent"]["name"])
        needs = (
            _with_what_was_told(tracker)
            or entities(tracker, "need")
            or ([implied] if implied else tracker.get_slot("need") or [])
        )
        place = next(iter(entities(tracker, "place")), None)
        if not place and (guessed := guessed_place(tracker)):
            return self.ask_whether(dispatcher, tracker, needs, guessed)
        pin = None if place else tracker.get_slot("pin")
        return await self.say(dispatcher, tracker, needs, place or tracker.get_slot("place"), pin)

    async def by_name(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events | None:
        """What the organization offers that somebody named; None without one, or where it has nothing for the need."""
        text, demo = tracker.latest_message.get("text") or "", self.resources.settings.demo
        async with self.resources.sessions() as session:
            found = await organizations(session, text, demo=demo, today=day_in_iraq())
        named, needs = list(map(str, found)), sure_needs(tracker)
        if not named:
            return None
        if needs and not (await self.search(_wanted(needs, None, None, [], False, named), offset=0)).total:
            return None
        place = next(iter(entities(tracker, "place")), None)
        pin = None if place else tracker.get_slot("pin")
        return await self.say(dispatcher, tracker, needs, place or tracker.get_slot("place"), pin, named)

    def ask_whether(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        needs: list[str],
        guessed: str,
        named: Sequence[str] = (),
    ) -> Events:
        """Ask whether a misspelt name is the place it seems to be: a wrong address costs somebody the way there."""
        say, language = self.resources.wording.say, spoken(tracker)
        question = say("utter_is_it_this_place", language, place=place_name(guessed, language))
        here = Choice(say("utter_choice_yes", language), "give_location", (("place", guessed),), by="affirm")
        elsewhere = Choice(say("utter_choice_another_place", language), "give_location", by="deny")
        known = [SlotSet("need", needs), SlotSet("organizations", list(named))]
        return [*known, *offer(dispatcher, tracker, question, [here, elsewhere])]

    async def say(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        needs: list[str],
        place: str | None,
        pin: list[float] | None,
        named: Sequence[str] = (),
    ) -> Events:
        """Ask for what is missing, or answer from the directory; either way remember what is known.

        `named`: the ids of organizations, whose services need neither a need nor a place.
        """
        text = tracker.latest_message.get("text") or ""
        asks, open_now = asking.status_of(text) or tracker.get_slot("asks") or [], asking.wants_open(text)
        known: Events = [SlotSet("need", needs), SlotSet("place", place), SlotSet("pin", pin)]
        known += [SlotSet("asks", asks), SlotSet("open_now", open_now), SlotSet("organizations", list(named))]
        if not needs and not named:
            known += self._ask_need(dispatcher, tracker)
        elif not place and not named:
            dispatcher.utter_message(response="utter_ask_place")
        else:
            page = await self.search(_wanted(needs, place, pin, asks, open_now, named), offset=0)
            return known + self.answer(dispatcher, tracker, page)
        return [*known, SlotSet("results_offset", 0)]

    def _ask_need(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        say, language = self.resources.wording.say, spoken(tracker)
        choices = [
            Choice(say(f"utter_need_{need}", language), "find_service", (("need", need),)) for need in COMMON_NEEDS
        ]
        question = say("utter_ask_need", language)
        return offer(dispatcher, tracker, question, choices, after=say("utter_ask_need_in_words", language))

    async def search(self, wanted: Wanted, offset: int) -> Page:
        """Two results of the directory; demo rows count only where nothing reaches a real phone."""
        demo = self.resources.settings.demo
        async with self.resources.sessions() as session:
            return await search(session, wanted, offset=offset, limit=RESULTS, demo=demo)

    def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker, page: Page) -> Events:
        """Say what was found within the channel's budget; remembers where "more" goes on, and what was said."""
        text, shown = card.fit(page, spoken(tracker), budget_parts=budget(tracker), wording=self.resources.wording)
        dispatcher.utter_message(text=text)
        told = [
            {"id": str(one.service_id), "at": str(one.location_id), "name": one.service_name}
            for one in page.results[:shown]
        ]
        remembered = [SlotSet("results_offset", page.offset + shown), SlotSet("focus", "services")]
        return [*remembered, SlotSet("shown", told or tracker.get_slot("shown"))]


class GiveLocation(FindServices):
    """A place alone: the answer to our question, or a new place for the same need. A pin counts for its district."""

    def name(self) -> str:
        return "action_give_location"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        if (answered := await self.by_name(dispatcher, tracker)) is not None:
            return answered
        written = next(iter(entities(tracker, "place")), None)
        pin = None if written else pin_of(tracker)
        place = written or (nearest_district(*pin) if pin else None)
        needs, named = tracker.get_slot("need") or [], tracker.get_slot("organizations") or []
        if place is None and (guessed := guessed_place(tracker)):
            return self.ask_whether(dispatcher, tracker, needs, guessed, named)
        if place is None:
            dispatcher.utter_message(response="utter_place_unknown")
            return []
        return await self.say(dispatcher, tracker, needs, place, pin, named)


class ToNothing(GiveLocation):
    """A yes or a no where nothing was asked; with a place in it it is another place: «زين، وبالبصرة؟»."""

    def name(self) -> str:
        return "action_to_nothing"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        if entities(tracker, "place"):
            return await super().run(dispatcher, tracker, domain)
        is_yes = tracker.latest_message["intent"]["name"] == "affirm"
        dispatcher.utter_message(response="utter_affirm_nothing" if is_yes else "utter_deny")
        return []


class MoreResults(FindServices):
    """The next of what was told last: services of the search, or what else an article says."""

    def name(self) -> str:
        return "action_more_results"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        if tracker.get_slot("focus") == "topic":
            return await Guide(self.resources).go_on(dispatcher, tracker)
        needs, place, pin = (tracker.get_slot(slot) for slot in ("need", "place", "pin"))
        named, asks = tracker.get_slot("organizations") or [], tracker.get_slot("asks") or []
        offset = int(tracker.get_slot("results_offset") or 0)
        if not (offset and (named or (needs and place))):
            return await self.say(dispatcher, tracker, needs or [], place, pin, named)
        wanted = _wanted(needs or [], place, pin, asks, bool(tracker.get_slot("open_now")), named)
        return self.answer(dispatcher, tracker, await self.search(wanted, offset))


def _wanted(
    needs: list[str],
    place: str | None,
    pin: list[float] | None,
    asks: list[str],
    open_now: bool,
    named: Sequence[str] = (),
) -> Wanted:
    point, at = (pin[0], pin[1]) if pin else None, datetime.now(BAGHDAD) if open_now else None
    return Wanted(needs, place, point, eligible=asks, open_at=at, organizations=list(map(UUID, named)))


def _with_what_was_told(tracker: Tracker) -> list[str]:
    """The need behind the article told last, where somebody asks who helps with it."""
    asks = asking.wants_help_with_it(tracker.latest_message.get("text") or "")
    kind = str(tracker.get_slot("topic") or "").partition(":")[0]
    return [NEEDS[kind]] if asks and tracker.get_slot("focus") == "topic" and kind in NEEDS else []


def _lost_papers(tracker: Tracker) -> bool:
    """Whether somebody says only "my papers", or that they lost them, and no place: then the question is, which."""
    text = tracker.latest_message.get("text") or ""
    is_lost = not {"lost", "damaged"}.isdisjoint(asking.situations_of(text))
    if entities(tracker, "place") or guessed_place(tracker) or pin_of(tracker):
        return False
    # A chosen number is one word too, and says who is looked for.
    is_alone = len(text.split()) == 1 and not text.strip().isdecimal()
    return entities(tracker, "need") == ["documentation"] and (is_lost or is_alone)


def asks_there(tracker: Tracker) -> bool:
    """Whether services are in hand and asked for in a place, by no name: the model would guess at a need."""
    in_hand = tracker.get_slot("focus") == "services" and (
        tracker.get_slot("need") or tracker.get_slot("organizations")
    )
    if not in_hand or not entities(tracker, "place") or sure_needs(tracker):
        return False
    return asking.asks_there(tracker.latest_message.get("text") or "")


def pin_of(tracker: Tracker) -> list[float] | None:
    """The latitude and longitude of a pin sent with the last message."""
    location = metadata(tracker).get("location")
    return [location["latitude"], location["longitude"]] if location else None


def sure_needs(tracker: Tracker) -> list[str]:
    """The needs that the last message surely names: the model finds one in every wish for a service."""
    found = tracker.latest_message.get("entities") or []
    return list(dict.fromkeys(str(one["value"]) for one in found if is_sure_need(one)))


def entities(tracker: Tracker, name: str) -> list[str]:
    """The distinct values of an entity in the last message, in order."""
    return list(dict.fromkeys(tracker.get_latest_entity_values(name)))


def guessed_place(tracker: Tracker) -> str | None:
    """The place a misspelt name in the last message seems to mean (bot/components/lexicon_extractor.py)."""
    return next(tracker.get_latest_entity_values("place", entity_role="guess"), None)


def metadata(tracker: Tracker) -> dict[str, Any]:
    """What bot/connector.py sent along with the last message."""
    return tracker.latest_message.get("metadata") or {}
