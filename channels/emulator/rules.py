"""What Twilio asks of a message before it accepts it."""

import re
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.datastructures import FormData

from channels.emulator.errors import TwilioError
from channels.emulator.phone_json import NUMBER_PATTERN, loads
from channels.emulator.world import Channel, Message, World, new_sid

LONGEST_BODY = 1600


@dataclass(frozen=True)
class Address:
    """A number on a channel, as Twilio writes it: +964... or whatsapp:+964..."""

    channel: Channel
    number: str


def accept(world: World, form: FormData) -> Message:
    """The message a form asks for; raises TwilioError as Twilio would."""
    to = recipient(text(form, "To"))
    check_sender(world, form, to)
    if to.channel == "sms" and to.number in world.opted_out:
        raise TwilioError(21610)
    media = [{"url": url} for url in form.getlist("MediaUrl") if isinstance(url, str)]
    body = text(form, "Body")
    quick_replies: list[dict[str, str]] = []
    content = text(form, "ContentSid")
    if content:
        body, quick_replies = render(world, content, text(form, "ContentVariables"))
    if to.channel == "whatsapp" and content not in world.approved and not world.window_is_open(to.number):
        raise TwilioError(63016)
    if not body and not media:
        raise TwilioError(21602)
    if len(body) > LONGEST_BODY:
        raise TwilioError(21617)
    return Message(
        sid=new_sid("MM" if media else "SM"),
        channel=to.channel,
        direction="outbound",
        number=to.number,
        body=body,
        status="queued",
        at=world.clock(),
        callback_url=callback_url(text(form, "StatusCallback")),
        service_sid=text(form, "MessagingServiceSid") or None,
        quick_replies=quick_replies if to.channel == "whatsapp" else [],
        media=media,
    )


def text(form: FormData, name: str) -> str:
    """A field's text; an uploaded file counts as nothing."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


def recipient(written: str) -> Address:
    """Whom a message goes to."""
    if not written:
        raise TwilioError(21604)
    channel: Channel = "whatsapp" if written.startswith("whatsapp:") else "sms"
    number = written.removeprefix("whatsapp:")
    has_number = number.startswith("+")
    if not re.fullmatch(NUMBER_PATTERN, number) or (channel == "sms" and not has_number):
        raise TwilioError(21211)
    return Address(channel, number)


def check_sender(world: World, form: FormData, to: Address) -> None:
    """The sender must be ours and on the recipient's channel; a messaging service picks one itself."""
    written = text(form, "From")
    if not written and text(form, "MessagingServiceSid"):
        return
    if not written:
        raise TwilioError(21603)
    channel: Channel = "whatsapp" if written.startswith("whatsapp:") else "sms"
    if written.removeprefix("whatsapp:") != world.sender(channel):
        raise TwilioError(21212)
    if channel != to.channel:
        raise TwilioError(21910)


def callback_url(written: str) -> str | None:
    """The StatusCallback, if there is one."""
    if not written:
        return None
    try:
        url = httpx.URL(written)
    except httpx.InvalidURL as error:
        raise TwilioError(21609) from error
    if url.scheme not in ("http", "https") or not url.host:
        raise TwilioError(21609)
    return written


def render(world: World, content_sid: str, variables: str) -> tuple[str, list[dict[str, str]]]:
    """A content's text with what can be tapped below it, {{1}}, {{2}} ... filled in; rows of a list are marked."""
    content = world.contents.get(content_sid)
    if content is None:
        raise TwilioError(21655)
    try:
        given = loads(variables or "{}")
    except ValueError as error:
        raise TwilioError(21656) from error
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise TwilioError(21656)
    values: dict[str, str] = {**content["variables"], **given}

    def fill(template: str) -> str:
        return re.sub(r"{{(\w+)}}", lambda found: values.get(found[1], found[0]), template)

    shape: dict[str, Any] = next(iter(content["types"].values()))
    buttons = [{"title": fill(a["title"]), "id": fill(a["id"])} for a in shape.get("actions") or []]
    rows = [{"title": fill(row["item"]), "id": fill(row["id"]), "kind": "row"} for row in shape.get("items") or []]
    return fill(shape["body"]), buttons + rows
