"""Questions with numbered answers: one definition for a text message's numbers and WhatsApp's buttons and lists.

What was offered stays in the slot `offered`, as readings in the order of their numbers; bot/connector.py takes a number
in any script, or a button's words, for its reading. A button of an older question says its own words, which are
understood as anybody's words are.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from conversations.language import DEFAULT
from infrastructure.segments import parts

Events = list[dict[str, Any]]
# A first answer is at most three SMS parts (DESIGN.md); WhatsApp has no parts.
SMS_PARTS = 3
MOST = 8


class Choice(NamedTuple):
    """One answer to choose: how it reads, what choosing it means, and the intent (affirm, deny) that chooses it too."""

    label: str
    intent: str
    entities: tuple[tuple[str, str], ...] = ()
    by: str | None = None

    def reading(self) -> dict[str, Any]:
        """The choice as the slot `offered` keeps it."""
        found = [{"entity": entity, "value": value} for entity, value in self.entities]
        reading = {"intent": self.intent, "entities": found, "label": self.label}
        return {**reading, "by": self.by} if self.by else reading


def offer(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    question: str,
    choices: Sequence[Choice],
    after: str = "",
    *,
    of_form: bool = False,
    tapped: bool = True,
) -> Events:
    """Say a question with its numbered answers, and a last line if there is one; the events remember what was offered.

    On WhatsApp the answers are buttons or a list besides. While a form waits for its own answer only that has numbers:
    of two lists with numbers nobody could tell which one a number means. `of_form` says that this is such an answer's
    question, or one for which the form is left. What holds somebody's own words or codes has nothing to tap (`tapped`):
    Twilio keeps the texts of buttons for good.
    """
    if tracker.active_loop_name and not of_form:
        dispatcher.utter_message(text="\n".join((question, *(f"- {choice.label}" for choice in choices))))
        return []
    text = "\n".join(filter(None, (question, *numbered(choices), after)))
    buttons = [{"title": choice.label, "payload": choice.label} for choice in choices]
    dispatcher.utter_message(text=text, buttons=buttons if tapped and channel(tracker) == "whatsapp" else [])
    return [SlotSet("offered", [choice.reading() for choice in choices] or None)]


def numbered(choices: Sequence[Choice]) -> list[str]:
    """A line for each choice, with its number."""
    return [f"{number} {choice.label}" for number, choice in enumerate(choices, 1)]


def fitting(question: str, choices: Sequence[Choice], budget_parts: int | None) -> list[Choice]:
    """As many of the first choices as fit below a question in its SMS parts, and in what somebody can look over."""
    fit = list(choices[:MOST])
    while budget_parts is not None and fit and parts("\n".join((question, *numbered(fit)))) > budget_parts:
        fit.pop()
    return fit


def channel(tracker: Tracker) -> str:
    """sms or whatsapp, as bot/connector.py sent it along with the last message."""
    return str((tracker.latest_message.get("metadata") or {}).get("channel") or "sms")


def budget(tracker: Tracker) -> int | None:
    """How many SMS parts an answer may have; None where there are none."""
    return SMS_PARTS if channel(tracker) == "sms" else None


def spoken(tracker: Tracker) -> str:
    """The language to answer in."""
    return str(tracker.get_slot("language") or DEFAULT)
