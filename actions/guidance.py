"""Answering how something is done: a document, a house, the way home, a programme. Short first, then piece by piece."""

from collections.abc import Sequence
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import asking
from actions.asked import ASKED, REFUGEES, pieces_asked, topics_asked
from actions.choices import Choice, Events, budget, fitting, offer, spoken
from conversations.demand import IMPLIED_NEED
from directory import guidance, telling
from directory.records import Article
from directory.topics import PROGRAMME
from infrastructure.resources import Resources

# What to choose from where no topic is named.
OFFERED = {
    "document": (
        "national_card",
        "passport",
        "birth_certificate",
        "marriage_certificate",
        "ration_card",
        "housing_card",
        "nationality_certificate",
        "death_certificate",
    ),
    "property_topic": ("title_deed", "compensation", "inheritance", "occupied_home", "destroyed_home", "eviction"),
    "return_direction": ("to_iraq", "from_iraq", "inside_iraq"),
}
# Where we don't know these, we say so; anything else the short answer says better.
SAID_TO_BE_UNKNOWN = ("cost", "duration")
NEEDS = {"document": "documentation", "property_topic": "hlp", "return_direction": "return"}


class Guide(Action):
    """Say the article that a question is about, or the piece of it that was asked for."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources

    def name(self) -> str:
        return "action_guide"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        if programme := await self.explained(tracker):
            text = tracker.latest_message.get("text") or ""
            return await self.say(dispatcher, tracker, [programme.topic], asking.pieces_of(text))
        topics, kind = topics_asked(tracker), ASKED.get(tracker.latest_message["intent"]["name"])
        pieces = pieces_asked(tracker, of_article=True)
        if not topics and tracker.get_slot("focus") == "topic" and (pieces or not kind):
            topics = [str(tracker.get_slot("topic") or "")]
        # Of several ways home the wrong one would lead people astray: rather one question.
        if kind and (not topics or (kind == "return_direction" and len(topics) > 1)):
            return self.ask_which(dispatcher, tracker, kind)
        return await self.say(dispatcher, tracker, topics or [""], pieces)

    async def explained(self, tracker: Tracker) -> Article | None:
        """The programme that the last message names, if it asks what that is or how one gets it."""
        text = tracker.latest_message.get("text") or ""
        if not asking.wants_explained(text):
            return None
        async with self.resources.sessions() as session:
            return await guidance.named(session, text, demo=self.resources.settings.demo, kind=PROGRAMME)

    async def say(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, topics: Sequence[str], pieces: Sequence[str]
    ) -> Events:
        """The first of these topics, with the others to choose from; the events remember what was spoken of."""
        async with self.resources.sessions() as session:
            demo = self.resources.settings.demo
            article = await guidance.on(session, topics[0], demo=demo)
        if article is None:
            dispatcher.utter_message(text=self._words(tracker, "utter_guidance_none"))
            return _about(tracker, topics[0], ())
        known = [piece for piece in pieces if telling.lines(article, piece, "ar")]
        others = self._others(tracker, topics[1:])
        if known:
            return self.tell(dispatcher, tracker, article, known, others, page=0)
        answer = getattr(article.answer, spoken(tracker))
        is_new = article.topic != tracker.get_slot("topic")
        if pieces and (not is_new or pieces[0] in SAID_TO_BE_UNKNOWN):
            unknown = self._words(tracker, f"utter_piece_{pieces[0]}")
            answer = self._words(
                tracker, "utter_guidance_not_known", piece=unknown, title=self._title(tracker, article)
            )
        choices = [*others, *self._choices(tracker, article)]
        events = offer(dispatcher, tracker, answer, fitting(answer, choices, budget(tracker)))
        return _about(tracker, article.topic, ()) + events

    def tell(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        article: Article,
        pieces: Sequence[str],
        others: Sequence[Choice] = (),
        *,
        page: int,
    ) -> Events:
        """One page of some pieces, after their end of the next; what else can be asked stands below the last page."""
        told = telling.tell(
            article,
            pieces,
            spoken(tracker),
            page=page,
            budget_parts=budget(tracker),
            wording=self.resources.wording,
        )
        if not told.text and (following := _next_piece(article, pieces)):
            return self.tell(dispatcher, tracker, article, following, page=0)
        if not told.text:
            text = self._words(tracker, "utter_guidance_all_told", title=self._title(tracker, article))
            choices = self._choices(tracker, article)
        else:
            text = told.text
            choices = [] if told.has_more else [*others, *self._choices(tracker, article, without=pieces)]
        events = offer(dispatcher, tracker, text, fitting(text, choices, budget(tracker)))
        return _about(tracker, article.topic, pieces, page) + events

    async def go_on(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """The next page of what was told last."""
        told = tracker.get_slot("told") or {}
        async with self.resources.sessions() as session:
            article = await guidance.on(session, str(tracker.get_slot("topic")), demo=self.resources.settings.demo)
        if article is None:
            dispatcher.utter_message(text=self._words(tracker, "utter_guidance_none"))
            return []
        return self.tell(dispatcher, tracker, article, told.get("pieces") or [], page=int(told.get("page") or 0) + 1)

    def ask_which(self, dispatcher: CollectingDispatcher, tracker: Tracker, kind: str) -> Events:
        """One question, and only one, where the topic isn't named."""
        intent = next(intent for intent, asked in ASKED.items() if asked == kind)
        choices = [self._topic(tracker, f"{kind}:{code}", intent) for code in OFFERED[kind]]
        if kind == "return_direction":
            choices.append(self._topic(tracker, REFUGEES, intent))
        question = self._words(tracker, f"utter_which_{kind}")
        return offer(dispatcher, tracker, question, fitting(question, choices, budget(tracker)))

    def _others(self, tracker: Tracker, topics: Sequence[str]) -> list[Choice]:
        intent = tracker.latest_message["intent"]["name"]
        return [self._topic(tracker, topic, intent) for topic in topics]

    def _topic(self, tracker: Tracker, topic: str, intent: str) -> Choice:
        kind, _, code = topic.partition(":")
        named = ("topic", topic) if kind == PROGRAMME else (kind, code)
        return Choice(self._words(tracker, f"utter_topic_{code}"), intent, (named,))

    def _choices(self, tracker: Tracker, article: Article, without: Sequence[str] = ()) -> list[Choice]:
        """What can be asked next: a piece, who helps, then the other pieces and special cases."""
        about = ("topic", article.topic)
        pieces = [
            Choice(self._words(tracker, f"utter_piece_{piece}"), "service_detail", (about, ("aspect", piece)))
            for piece in telling.available(article)
            if piece not in without
        ]
        need = article.needs[0] if article.needs else NEEDS.get(article.topic.partition(":")[0])
        if need is None:
            return pieces
        helps = Choice(self._words(tracker, "utter_choice_who_helps"), "find_service", (("need", need),))
        return [*pieces[:1], helps, *pieces[1:7]]

    def _title(self, tracker: Tracker, article: Article) -> str:
        return str(getattr(article.title, spoken(tracker)))

    def _words(self, tracker: Tracker, key: str, **values: str) -> str:
        return self.resources.wording.say(key, spoken(tracker), **values)


def _next_piece(article: Article, told: Sequence[str]) -> list[str]:
    """The piece after the one that was told to its end; empty after the last."""
    order = telling.available(article)
    last = max((order.index(piece) for piece in told if piece in order), default=-1)
    return order[last + 1 : last + 2]


def _about(tracker: Tracker, topic: str | None, pieces: Sequence[str], page: int = 0) -> Events:
    """What is remembered after an answer: the topic, what was told of it, and what it may be searched for."""
    intent = tracker.latest_message["intent"]["name"]
    place = next(iter(tracker.get_latest_entity_values("place")), None) or tracker.get_slot("place")
    told: dict[str, Any] = {"pieces": list(pieces), "page": page}
    events = [SlotSet("topic", topic), SlotSet("told", told), SlotSet("focus", "topic"), SlotSet("place", place)]
    if need := IMPLIED_NEED.get(intent):
        events.append(SlotSet("need", [need]))
    return events
