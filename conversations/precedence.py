"""What goes before the bot: a wish to stop or start messages, then the colleague who has the conversation in hand."""

import uuid

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from conversations import danger, handover, language, opt_out, outbox, working_hours
from conversations.assistant import Reply, Understood
from conversations.models import Conversation, Message, Turn
from infrastructure.resources import Resources


async def is_settled(resources: Resources, message: Message, in_danger: Understood | None) -> bool:
    """Whether a message is dealt with before the bot sees it; then its turn is closed.

    `in_danger`: what it says of danger, where a colleague has the conversation in hand.
    """
    async with resources.sessions() as session:
        conversation = await handover.lock(session, message.conversation_id)
        settled = await _heeded(session, resources, conversation, message)
        if not settled and await handover.holder(session, conversation.id):
            if in_danger and working_hours.away_note(resources, language.DEFAULT):
                # Who holds it has gone home: the bot answers at once, as if nobody held it.
                await handover.put_back_in_danger(session, conversation)
            else:
                await leave_to_staff(session, message, in_danger)
                settled = True
        # Their writing opened WhatsApp's window; what a stop forbids is withheld on its way.
        await outbox.send_held(session, conversation.id)
        await session.commit()
    return settled


async def leave_to_staff(session: AsyncSession, message: Message, understood: Understood | None) -> None:
    """Close the turn of a message that a colleague answers: the bot says nothing, a danger stands out to staff."""
    await close_turn(session, message.id, "held", understood)
    if understood and danger.is_danger(understood.intent):
        await handover.request(session, message.conversation_id, "danger")


async def close_turn(session: AsyncSession, message_id: uuid.UUID, outcome: str, understood: Understood | None) -> bool:
    """Store what became of a message; False when it is stored already."""
    settled = await session.execute(
        update(Turn)
        .where(Turn.message_id == message_id, Turn.outcome == "waiting")
        .values(
            outcome=outcome,
            intent=understood.intent if understood else None,
            confidence=understood.confidence if understood else None,
            sure=understood.sure if understood else False,
            entities=understood.entities if understood else {},
        )
        .returning(Turn.message_id)
    )
    return settled.scalar() is not None


async def _heeded(session: AsyncSession, resources: Resources, conversation: Conversation, message: Message) -> bool:
    """Heed a message that only says stop or start; a change is confirmed once, also while staff are there."""
    wish = opt_out.wish(message.text)
    if wish == "stop":
        changed = await opt_out.record(session, conversation.id, message.created_at)
    elif wish == "start" and await opt_out.lift(session, conversation.id):
        changed = True
    else:
        return False
    await close_turn(session, message.id, "answered", Understood(f"{wish}_messages", 1.0, True, {}))
    if changed:
        key, kind = ("utter_stopped", "receipt") if wish == "stop" else ("utter_started", "text")
        text = resources.wording.say(key, conversation.language or language.DEFAULT)
        await outbox.say(session, conversation, [Reply(text)], "system", asked_at=message.created_at, kind=kind)
    return True
