"""What goes before everything a bot may answer: a danger, and a report of misconduct; each with its answer."""

from dataclasses import dataclass, replace

from conversations import danger, misconduct
from conversations.assistant import Assistant, Reply, Understood
from conversations.models import Message
from conversations.working_hours import away_note
from infrastructure.local_time import day_in_iraq
from infrastructure.resources import Resources

# A wish that the action has fulfilled by the time its answer is sent.
STOP = "stop_messages"


@dataclass
class Answer:
    """What to say to one message, and what was understood of it."""

    replies: list[Reply]
    understood: Understood | None = None
    handover: str | None = None  # why a person is needed besides
    report: misconduct.Kind | None = None  # what it is to the store of misconduct

    @property
    def kind(self) -> str:
        """What sort of message its replies are (models.KINDS)."""
        return "receipt" if self.understood and self.understood.intent == STOP else "text"


async def answered_danger(resources: Resources, spoken: str, understood: Understood) -> Answer:
    """The safe answer, with the operator's lines, and a person called at once."""
    async with resources.sessions() as session:
        known = await danger.lines(
            session,
            understood.intent,
            understood.entities.get("place", []),
            today=day_in_iraq(),
            demo=resources.settings.demo,
        )
    text = danger.say(resources.wording, spoken, understood.intent, known, away_note(resources, spoken))
    return Answer([Reply(text)], understood, handover="danger")


async def answered_report(
    resources: Resources, spoken: str, understood: Understood, screened: str | None = None
) -> Answer:
    """Thanks for a report of misconduct, whose words and details go where focal points alone read them.

    Whoever may be in danger besides gets the emergency lines for it, and a person is called.
    """
    understood = replace(understood, entities={})
    if screened is None:
        text = resources.wording.say("utter_misconduct_report", spoken)
        return Answer([Reply(text)], understood, report="report")
    said = await _reported_in_danger(resources, spoken, screened)
    return Answer([said], understood, handover="danger", report="in_danger")


async def _reported_in_danger(resources: Resources, spoken: str, found: str) -> Reply:
    """What is said to a report by somebody who is in a danger besides, with the lines for it."""
    async with resources.sessions() as session:
        known = await danger.lines(session, found, [], today=day_in_iraq(), demo=resources.settings.demo)
    return Reply(danger.say(resources.wording, spoken, "misconduct_in_danger", known))


async def more_of_a_report(resources: Resources, assistant: Assistant, spoken: str, message: Message) -> Answer | None:
    """The answer to what comes after a report: it is part of it, and no turn for Rasa, which is only asked whether it
    reads a danger there that the screen doesn't."""
    async with resources.sessions() as session:
        kind = await misconduct.invited(session, message)
    if kind is None:
        return None
    read = await assistant.glance(message.text) if kind == "more" and message.text.strip() else None
    if read and danger.is_danger(read.intent):
        said = await _reported_in_danger(resources, spoken, read.intent)
        return Answer([said], replace(read, entities={}), handover="danger", report=kind)
    return Answer([Reply(resources.wording.say(f"utter_misconduct_{kind}", spoken))], report=kind)
