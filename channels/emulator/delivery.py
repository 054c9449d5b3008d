"""The way of an accepted message to the phone, reported to the product step by step."""

import asyncio

from channels.emulator.faults import Fault
from channels.emulator.wire import Wire
from channels.emulator.world import Message, World

STEP_SECONDS = 0.03
ENDINGS = {
    None: ("queued", "sending", "sent", "delivered"),
    "undelivered": ("queued", "sending", "sent", "undelivered"),
    "failed": ("queued", "sending", "failed"),
}


async def deliver(world: World, wire: Wire, message: Message, fault: Fault | None) -> None:
    """Move a message through its statuses, posting each to its StatusCallback as the fault allows."""
    ending = fault.then_status if fault else None
    effect = fault.effect if fault else None
    posts: list[dict[str, str]] = []
    for status in ENDINGS[ending]:
        await asyncio.sleep(STEP_SECONDS + (fault.delay_ms / 1000 if fault else 0))
        world.move(message, status, fault.code or 30008 if fault and status == ending else None)
        posts.append(callback_form(world, message))
        if effect != "reorder":
            await report(wire, message, posts[-1:], effect)
    if effect == "reorder":
        await report(wire, message, posts[::-1], None)


async def mark_read(world: World, wire: Wire, number: str, channel: str | None) -> int:
    """The person looks at the phone: everything that arrived counts as seen, and WhatsApp says so."""
    unread = [m for m in world.transcript(number, channel) if world.is_unread(m)]
    for message in unread:
        message.seen = True
        if message.channel == "whatsapp":
            world.move(message, "read")
            wire.start(report(wire, message, [callback_form(world, message)], None))
        else:
            world.publish(message)
    return len(unread)


async def report(wire: Wire, message: Message, forms: list[dict[str, str]], effect: str | None) -> None:
    """Post status callbacks, if the sender asked for them."""
    if message.callback_url is None or effect == "drop":
        return
    for form in forms * 2 if effect == "duplicate" else forms:
        await wire.post(message.callback_url, form)


def callback_form(world: World, message: Message) -> dict[str, str]:
    """Twilio's status callback for the message as it stands now."""
    prefix = "whatsapp:" if message.channel == "whatsapp" else ""
    form = {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "MessageStatus": message.status,
        "SmsStatus": message.status,
        "To": prefix + message.number,
        "From": prefix + world.sender(message.channel),
        "AccountSid": world.config.account_sid,
        "ApiVersion": "2010-04-01",
    }
    if message.service_sid:
        form["MessagingServiceSid"] = message.service_sid
    if message.error_code:
        form["ErrorCode"] = str(message.error_code)
    return form
