"""Pictures, voice notes and files that people sent, fetched from the provider when a colleague opens one."""

import uuid
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.responses import Response

from console.access import SignedIn
from conversations import media
from conversations.models import Message
from infrastructure import audit
from infrastructure.resources import Resources

router = APIRouter(prefix="/console")

# What browsers show without running anything in it; the rest is only saved.
SHOWN = {
    "image/jpeg", "image/png", "image/gif", "image/webp",
    "audio/aac", "audio/amr", "audio/mp4", "audio/mpeg", "audio/ogg", "audio/wav", "audio/webm", "audio/x-wav",
}  # fmt: skip
ENDINGS = {"application/pdf": ".pdf", "video/mp4": ".mp4", "video/3gpp": ".3gp", "text/vcard": ".vcf"}
# Nothing in it runs, is asked for or asks for anything; styles are those with which browsers show a picture alone.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; sandbox"


@router.get("/conversations/{conversation_id}/messages/{message_id}/media/{place}")
async def open_media(
    request: Request,
    conversation_id: uuid.UUID,
    message_id: uuid.UUID,
    place: Annotated[int, Path(ge=0)],
    staff: SignedIn,
) -> Response:
    """One file of a message; the log keeps who opened it."""
    resources: Resources = request.app.state.resources
    files: media.Files = request.app.state.files
    async with resources.sessions() as session:
        message = await session.get(Message, message_id)
        sent = media.addresses(message) if message and message.conversation_id == conversation_id else []
        if place >= len(sent):
            raise HTTPException(404)
        audit.record(session, staff.id, "conversation.media_opened", conversation_id, message=str(message_id))
        await session.commit()
    try:
        return _served(await files.fetch(sent[place]), f"{str(message_id)[:6]}-{place + 1}")
    except (media.NotOurs, media.Gone):
        raise HTTPException(404) from None
    except (media.TooLarge, media.NotFetched):
        raise HTTPException(502) from None


def _served(file: media.File, name: str) -> Response:
    kind = file.content_type.partition(";")[0].strip().lower()
    headers = {"Content-Security-Policy": POLICY}
    if kind in SHOWN:
        return Response(file.content, media_type=kind, headers=headers)
    headers["Content-Disposition"] = f'attachment; filename="{name}{ENDINGS.get(kind, "")}"'
    return Response(file.content, media_type="application/octet-stream", headers=headers)
