"""The API for signed-in staff: what a text would be understood as."""

import json
import logging

import httpx
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from console.access import SignedIn

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/api")

LONGEST_TEXT = 10_000


class BadText(ValueError):
    """The request holds no text that could be understood; the argument is a code for the caller."""


@router.post("/understand")
async def understand(request: Request, staff: SignedIn) -> JSONResponse:
    """`{"text": ...}` in; language, script, intent, confidence and entities out."""
    try:
        text = _text(await request.body())
    except BadText as bad:
        return JSONResponse({"error": str(bad)}, 400)
    try:
        return JSONResponse(await request.app.state.assistant.understand(text))
    except httpx.HTTPError:
        logger.warning("a text could not be understood: the bot is down")
        return JSONResponse({"error": "bot_unavailable"}, 503)


def _text(body: bytes) -> str:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadText("malformed_json") from error
    text = given.get("text") if isinstance(given, dict) else None
    if not isinstance(text, str):
        raise BadText("text_missing")
    if len(text) > LONGEST_TEXT:
        raise BadText("text_too_long")
    # JSON can hold half of a character pair, which nothing after us could encode.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
