"""Twilio's form fields read into our words. Fields we don't know are ignored; what can't be a message is Malformed."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from conversations.inbox import InboundMessage, Location, Media

Fields = Mapping[str, str]

# Twilio's ids have 34 characters.
MAX_SID = 64
MAX_MEDIA = 10
WHATSAPP = "whatsapp:"
# Twilio's words for a message's life, in ours. Others (received, scheduled, canceled ...) aren't about our texts.
STATUSES = {
    "accepted": "sending",
    "queued": "sending",
    "sending": "sending",
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "undelivered": "failed",
    "failed": "failed",
}
# PostgreSQL and JSON have no place for these; nobody types them.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Malformed(ValueError):
    """A signed call that lacks what every message has."""


@dataclass(frozen=True)
class StatusUpdate:
    """A callback about one outbound message."""

    sid: str
    status: str
    error_code: int | None


def inbound(form: Fields) -> InboundMessage:
    """A message from its webhook fields; Malformed without MessageSid or From."""
    sid = clean(form.get("MessageSid") or form.get("SmsMessageSid") or form.get("SmsSid") or "")
    sender = form.get("From") or form.get("ExternalUserId")
    address = clean(sender or "").removeprefix(WHATSAPP).strip()
    if not sid or len(sid) > MAX_SID or not address:
        raise Malformed("a message needs MessageSid and From")
    is_whatsapp = form.get("From", WHATSAPP).startswith(WHATSAPP)
    return InboundMessage(
        channel="whatsapp" if is_whatsapp else "sms",
        provider_id=sid,
        sender=address,
        text=clean(form.get("ButtonPayload") or form.get("ListId") or form.get("Body", "")),
        media=_media(form),
        location=_location(form),
    )


def status_update(form: Fields) -> StatusUpdate | None:
    """A callback's news; None when it brings none for us."""
    status = STATUSES.get(form.get("MessageStatus") or form.get("SmsStatus") or "")
    sid = clean(form.get("MessageSid") or form.get("SmsSid") or "")
    if not status or not sid:
        return None
    code = form.get("ErrorCode", "")
    return StatusUpdate(sid, status, int(code) if re.fullmatch(r"[0-9]{1,6}", code) else None)


def clean(text: str) -> str:
    """The text without what cannot be stored."""
    return UNSTORABLE.sub("", text)


def _media(form: Fields) -> tuple[Media, ...]:
    found = []
    for index in range(MAX_MEDIA):
        url = form.get(f"MediaUrl{index}")
        if url:
            found.append(Media(clean(url), clean(form.get(f"MediaContentType{index}", "application/octet-stream"))))
    return tuple(found)


def _location(form: Fields) -> Location | None:
    """A pin, if both coordinates are numbers on this planet."""
    try:
        latitude, longitude = float(form["Latitude"]), float(form["Longitude"])
    except (KeyError, ValueError):
        return None
    if not (math.isfinite(latitude) and abs(latitude) <= 90 and math.isfinite(longitude) and abs(longitude) <= 180):
        return None
    return Location(latitude, longitude, clean(form.get("Label") or form.get("Address") or ""))
