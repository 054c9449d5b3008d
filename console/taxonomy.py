"""The codes staff can choose from: what a message can mean, and what it can name. No code is ever renamed."""

from collections.abc import Iterable, Mapping, Sequence

from conversations.models import DANGERS
from directory import topics
from directory.needs import NEEDS

INTENTS = {
    "asking": (
        "find_service",
        "service_detail",
        "more_results",
        "ask_document",
        "ask_property",
        "ask_return",
        "give_location",
        "who_are_you",
    ),
    "acting": (
        "open_referral",
        "referral_status",
        "withdraw_referral",
        "talk_to_human",
        "give_feedback",
        "report_misconduct",
    ),
    "safety": DANGERS,
    "conversation": (
        "greet",
        "goodbye",
        "thank",
        "affirm",
        "deny",
        "cancel",
        "help",
        "change_language",
        "privacy_question",
        "delete_my_data",
        "stop_messages",
        "start_messages",
        "out_of_scope",
    ),
}
LANGUAGES = ("ar", "en", "ckb", "kmr", "other")

DETAILS: Mapping[str, Sequence[str]] = {
    "need": NEEDS,
    "document": topics.DOCUMENTS,
    "aspect": (
        "requirements",
        "where",
        "cost",
        "duration",
        "eligibility",
        "steps",
        "hours",
        "phone",
        "address",
        "lost",
        "damaged",
    ),
    "property_topic": topics.PROPERTY_TOPICS,
    "return_direction": topics.RETURN_DIRECTIONS,
}
# What is asked for besides the intent; no other intent needs a detail to be understood.
DETAILS_OF = {
    "find_service": ("need", "document"),
    "service_detail": ("aspect",),
    "ask_document": ("document", "aspect"),
    "ask_property": ("property_topic", "document", "aspect"),
    "ask_return": ("return_direction", "need", "document", "aspect"),
    "open_referral": ("need", "document"),
}


def is_intent(code: str) -> bool:
    """Whether there is such an intent."""
    return any(code in intents for intents in INTENTS.values())


def details_of(intent: str) -> dict[str, Sequence[str]]:
    """What an intent can name: the kinds of details that go with it, with their codes."""
    return {kind: DETAILS[kind] for kind in DETAILS_OF.get(intent, ())}


def are_details(given: Mapping[str, Sequence[str]]) -> bool:
    """Whether all of these are codes that a form of ours offers."""
    return all(set(codes) <= set(DETAILS.get(kind, ())) for kind, codes in given.items())


def details(given: Mapping[str, Sequence[str]], kinds: Iterable[str] = DETAILS) -> dict[str, list[str]]:
    """The known codes of these kinds, in the order of the lists; kinds without any are left out."""
    chosen = {kind: [code for code in DETAILS[kind] if code in given.get(kind, ())] for kind in kinds}
    return {kind: codes for kind, codes in chosen.items() if codes}
