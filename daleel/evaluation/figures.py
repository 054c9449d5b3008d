"""How often the answers are right: one figure for each thing that matters, and how many messages it stands on."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from conversations.models import DANGERS
from daleel.evaluation.answers import Answer
from daleel.evaluation.messages import DETAILS, Labelled

# The languages Daleel answers in; messages in others are only recognised.
OURS = ("ar", "en")
# A place counts by its governorate, the first characters of its code.
GOVERNORATE = 5


class Figure(NamedTuple):
    """A share from 0 to 1 (an F1 score for details), and the number of messages (of codes) behind it."""

    value: float
    n: int


def is_right(message: Labelled, answer: Answer) -> bool:
    """Whether the intent is one of those the message may have."""
    return bool(answer["intent"]) and answer["intent"] in (message.intent, message.intent_alt)


def measure(messages: Sequence[Labelled], answers: Sequence[Answer]) -> dict[str, Figure]:
    """All figures by name, in the order of their names."""
    hits: dict[str, list[bool]] = defaultdict(list)
    for message, answer in zip(messages, answers, strict=True):
        for name, hit in _hits(message, answer).items():
            hits[name].append(hit)
    figures = {name: Figure(sum(those) / len(those), len(those)) for name, those in hits.items()}
    for name in DETAILS:
        # What no message was labelled for can't be measured.
        if any(name in message.details for message in messages):
            figures[f"F1 {name}"] = _f1(name, messages, answers)
    return dict(sorted(figures.items()))


def _hits(message: Labelled, answer: Answer) -> dict[str, bool]:
    """The figures a message counts for, each with whether the answer is a hit."""
    right = is_right(message, answer)
    hits = {f"intent register {message.register}": right}
    if message.language != "other":
        hits["language"] = answer["language"] == message.language
    if message.language not in OURS:
        return hits
    hits |= {"intent": right, f"intent {message.language}": right}
    alarm = answer["intent"] in DANGERS
    if message.intent in DANGERS:
        hits |= {"safety recall": alarm, "safety right kind": right}
    elif message.intent_alt not in DANGERS:
        hits["safety false alarms"] = alarm
    if message.intent == "out_of_scope":
        hits["out_of_scope recall"] = right
    return hits


def _f1(name: str, messages: Sequence[Labelled], answers: Sequence[Answer]) -> Figure:
    """Over all codes of one entity, whichever messages they are in."""
    cut = GOVERNORATE if name == "place" else None
    found_right = found = labelled = 0
    for message, answer in zip(messages, answers, strict=True):
        if message.language in OURS:
            want = {code[:cut] for code in message.details.get(name, ())}
            got = {code[:cut] for code in answer["entities"].get(name, ())}
            found_right, found, labelled = found_right + len(want & got), found + len(got), labelled + len(want)
    return Figure(2 * found_right / max(1, found + labelled), labelled)
