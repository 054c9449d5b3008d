"""From a phone to the product: the webhook form Twilio would post, and its posting."""

import asyncio
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from channels.emulator.wire import Wire
from channels.emulator.world import Channel, Message, World, new_sid

# WhatsApp's message types by the first word of the media type; anything else is a document.
MEDIA_TYPES = {"image": "image", "audio": "audio", "video": "video"}
SAMPLES = {"image": "/media/picture.png", "audio": "/media/voice.wav"}


class Location(BaseModel):
    """A pin on the map."""

    latitude: float = Field(ge=-90, le=90, allow_inf_nan=False)
    longitude: float = Field(ge=-180, le=180, allow_inf_nan=False)
    label: str = ""
    address: str = ""


class Media(BaseModel):
    """A picture, a voice note ...; without an address a sample of ours."""

    content_type: str = Field(min_length=1, max_length=100)
    url: str | None = None


class Button(BaseModel):
    """A quick reply that was tapped, or a row of a list."""

    payload: str
    text: str
    kind: Literal["button", "row"] = "button"


class PhoneMessage(BaseModel):
    """What a person sends; the sid of an earlier message posts that one again, unchanged."""

    channel: Channel = "sms"
    body: str = ""
    location: Location | None = None
    media: list[Media] = Field(default=[], max_length=10)
    button: Button | None = None
    sid: Annotated[str, StringConstraints(pattern=r"^(SM|MM)[0-9a-f]{32}$")] | None = None


async def send(world: World, wire: Wire, number: str, draft: PhoneMessage, base_url: str) -> Message:
    """Show a message on the phone, post it to the product, and show whether it arrived."""
    message = world.messages.get(draft.sid or "")
    if message is None:
        message = written(world, number, draft, base_url)
        world.add(message)
    fault = world.take_fault("webhook", number)
    if fault:
        await asyncio.sleep(fault.delay_ms / 1000)
    effect = fault.effect if fault else None
    arrived = effect != "drop" and await wire.post(world.config.webhook_url, message.form)
    if effect == "duplicate":
        await wire.post(world.config.webhook_url, message.form)
    world.move(message, "delivered" if arrived else "failed", None if arrived else 11200)
    return message


def written(world: World, number: str, draft: PhoneMessage, base_url: str) -> Message:
    """The message a person wrote, with the form that tells the product about it."""
    message = Message(
        sid=draft.sid or new_sid("MM" if draft.media else "SM"),
        channel=draft.channel,
        direction="inbound",
        number=number,
        body=draft.button.text if draft.button else draft.body,
        status="sending",
        at=world.clock(),
        media=[media_of(media, base_url) for media in draft.media],
        location=draft.location.model_dump() if draft.location else None,
    )
    message.form = common_fields(world, message) | media_fields(message)
    if draft.channel == "whatsapp":
        message.form |= whatsapp_fields(message, draft)
    return message


def media_of(media: Media, base_url: str) -> dict[str, str]:
    """A medium with its address, ours if it has none of its own."""
    sample = SAMPLES.get(media.content_type.partition("/")[0], SAMPLES["image"])
    return {"content_type": media.content_type, "url": media.url or base_url + sample}


def common_fields(world: World, message: Message) -> dict[str, str]:
    """What every inbound webhook carries."""
    prefix = "whatsapp:" if message.channel == "whatsapp" else ""
    return {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsMessageSid": message.sid,
        "AccountSid": world.config.account_sid,
        "From": prefix + message.number,
        "To": prefix + world.sender(message.channel),
        "Body": message.body,
        "NumSegments": str(message.segments),
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
    }


def media_fields(message: Message) -> dict[str, str]:
    """NumMedia and one address and type for each."""
    form = {"NumMedia": str(len(message.media))}
    for place, media in enumerate(message.media):
        form[f"MediaUrl{place}"] = media["url"]
        form[f"MediaContentType{place}"] = media["content_type"]
    return form


def whatsapp_fields(message: Message, draft: PhoneMessage) -> dict[str, str]:
    """What WhatsApp adds: who writes, what kind of message, the pin, the button."""
    form = {"ProfileName": "Demo " + message.number[-3:], "MessageType": message_type(draft)}
    if message.number.startswith("+"):
        form["WaId"] = message.number[1:]
    else:
        form["ExternalUserId"] = "whatsapp:" + message.number
    if draft.location:
        form |= {"Latitude": str(draft.location.latitude), "Longitude": str(draft.location.longitude)}
        form |= {"Label": draft.location.label} if draft.location.label else {}
        form |= {"Address": draft.location.address} if draft.location.address else {}
    if draft.button and draft.button.kind == "row":
        form |= {"ListTitle": draft.button.text, "ListId": draft.button.payload}
    elif draft.button:
        form |= {"ButtonText": draft.button.text, "ButtonPayload": draft.button.payload}
    return form


def message_type(draft: PhoneMessage) -> str:
    """Twilio's MessageType."""
    if draft.button:
        return "interactive" if draft.button.kind == "row" else "button"
    if draft.location:
        return "location"
    if draft.media:
        return MEDIA_TYPES.get(draft.media[0].content_type.partition("/")[0], "document")
    return "text"
