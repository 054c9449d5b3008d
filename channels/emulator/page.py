"""The phone page: two phones in a browser, in Arabic or English."""

from pathlib import Path
from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.templating import Jinja2Templates

from channels.emulator.outside import TheWorld
from channels.emulator.page_words import WORDS

HERE = Path(__file__).parent
templates = Jinja2Templates(HERE / "templates")
router = APIRouter()

# Only our own scripts run, whatever a message says; pictures may come from the address a message names.
POLICY = "default-src 'self'; img-src 'self' http: https:; media-src 'self' http: https:; frame-ancestors 'self'"


@router.get("/")
async def page(request: Request, world: TheWorld, lang: Literal["ar", "en"] = "en") -> Response:
    """The page; `?lang=ar` turns its own words Arabic, messages keep their own direction."""
    context = {
        "lang": lang,
        "other": "en" if lang == "ar" else "ar",
        "words": {key: both[lang] for key, both in WORDS.items()},
        "senders": {"sms": world.sender("sms"), "whatsapp": world.sender("whatsapp")},
    }
    answer = templates.TemplateResponse(request, "phone.html", context)
    answer.headers["Content-Security-Policy"] = POLICY
    return answer
