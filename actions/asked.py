"""What a question about an article asks: which topics it names, and which pieces of the answer."""

from typing import Any

from rasa_sdk import Tracker

from actions import asking
from directory import telling

# What each intent asks about: the entity that names it.
ASKED = {
    "ask_document": "document",
    "ask_property": "property_topic",
    "ask_return": "return_direction",
}
# Refugees go home with UNHCR, not as other foreigners do: a group of its own (facts: IOM's and UNHCR's mandates).
REFUGEES = "programme:refugee_return"
SURE_NEED = 0.6
# What the short answer says best.
SHORT_FIRST = ("steps", "eligibility")
# Situations that a direction of return has said already.
SAID_BY_DIRECTION = ("displaced", "abroad", "foreigner")


def follows_up(tracker: Tracker) -> bool:
    """Whether a message that names nothing else asks on about the topic in hand: «وشكد تكلف؟», "and for my son?".

    The model finds a need in every wish for a service: where it only guesses, or a short text goes on with the last, it
    isn't believed.
    """
    text = tracker.latest_message.get("text") or ""
    surely = [one["value"] for one in tracker.latest_message.get("entities") or [] if is_sure_need(one)]
    named = any(next(tracker.get_latest_entity_values(kind), None) for kind in ("place", *ASKED.values()))
    named = named or (bool(surely) and not asking.goes_on(text))
    return tracker.get_slot("focus") == "topic" and not named and bool(pieces_asked(tracker, of_article=True))


def is_sure_need(entity: dict[str, Any]) -> bool:
    """Whether an entity is a need that the model doesn't only guess at."""
    return bool(entity["entity"] == "need" and entity.get("confidence_entity", 1.0) >= SURE_NEED)


def pieces_asked(tracker: Tracker, *, of_article: bool) -> list[str]:
    """The pieces of an answer that the last message asks for; special cases, which only articles have, come first.

    Plain words tell surer than the model what is asked for. Who asks for the first time how one gets something, or who
    can, wants the short answer.
    """
    message = tracker.latest_message
    text, topics = message.get("text") or "", topics_asked(tracker)
    named = [str(value) for value in tracker.get_latest_entity_values("aspect")]
    if text.strip().isdecimal():
        return named
    situations = asking.situations_of(text) if of_article else []
    if message["intent"]["name"] == "ask_return":
        situations = [one for one in situations if one not in SAID_BY_DIRECTION]
    # The model hears a "where" in every way home.
    asked = asking.pieces_of(text) or ([] if message["intent"]["name"] == "ask_return" else named)
    if topics and topics[0] != tracker.get_slot("topic"):
        asked = [piece for piece in asked if piece not in SHORT_FIRST]
    asked = [*situations, *asked]
    return list(dict.fromkeys(map(telling.piece_of, asked) if of_article else asked))[:2]


def topics_asked(tracker: Tracker) -> list[str]:
    """The topics that the last message names."""
    found = [str(topic) for topic in tracker.get_latest_entity_values("topic")]
    for kind in ASKED.values():
        found += [f"{kind}:{code}" for code in tracker.get_latest_entity_values(kind)]
    if tracker.latest_message["intent"]["name"] == "ask_return":
        found = _of_refugees(tracker, [topic for topic in found if not topic.startswith("document:")])
    return list(dict.fromkeys(found))


def _of_refugees(tracker: Tracker, found: list[str]) -> list[str]:
    """A refugee who asks the way home is told UNHCR's way, whatever direction was read."""
    text = tracker.latest_message.get("text") or ""
    return [REFUGEES] if "refugee" in asking.status_of(text) and "return_direction:to_iraq" not in found else found
