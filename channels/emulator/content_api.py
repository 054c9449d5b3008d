"""Twilio's Content resource: texts with quick replies or a list, sent by their sid; templates are approved."""

from typing import Any, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, ValidationError

from channels.emulator.account import check_account
from channels.emulator.errors import TwilioError
from channels.emulator.outside import TheWorld
from channels.emulator.phone_json import loads
from channels.emulator.world import new_sid

router = APIRouter(prefix="/v1/Content", dependencies=[Depends(check_account)])


class Action(BaseModel):
    """A button; WhatsApp shows at most three of at most 20 characters."""

    title: str = Field(min_length=1, max_length=20)
    id: str = Field(default="", max_length=200)


class Row(BaseModel):
    """A row of a list picker."""

    item: str = Field(min_length=1, max_length=24)
    id: str = Field(min_length=1, max_length=200)
    description: str | None = Field(default=None, max_length=72)


class Shape(BaseModel):
    """What is shown: a body, and buttons if it is a quick reply, or rows behind a button if it is a list picker."""

    body: str = Field(min_length=1, max_length=1024)
    actions: list[Action] | None = Field(default=None, max_length=3)
    button: str | None = Field(default=None, min_length=1, max_length=20)
    items: list[Row] | None = Field(default=None, min_length=1, max_length=10)


class Content(BaseModel):
    """A content as the client sends it; types it leaves out arrive as null."""

    friendly_name: str | None = None
    language: str = Field(min_length=1)
    variables: dict[str, str] | None = None
    types: dict[str, Shape | None]

    def shapes(self) -> dict[str, Any]:
        """The types that were given."""
        return {name: shape.model_dump(exclude_none=True) for name, shape in self.types.items() if shape}


@router.post("")
async def create(request: Request, world: TheWorld) -> JSONResponse:
    """Keep a content under a new sid."""
    try:
        content = Content.model_validate(loads(await request.body()))
    except (ValidationError, ValueError) as error:
        raise TwilioError(20001) from error
    if not content.shapes():
        raise TwilioError(20001)
    sid, at = new_sid("HX"), world.clock().strftime("%Y-%m-%dT%H:%M:%SZ")
    world.contents[sid] = {
        "sid": sid,
        "account_sid": world.config.account_sid,
        "friendly_name": content.friendly_name,
        "language": content.language,
        "variables": content.variables or {},
        "types": content.shapes(),
        "date_created": at,
        "date_updated": at,
        "url": f"https://content.twilio.com/v1/Content/{sid}",
        "links": {},
    }
    return JSONResponse(world.contents[sid], status_code=201)


@router.get("/{sid}")
async def fetch(sid: str, world: TheWorld) -> dict[str, Any]:
    """One content."""
    if sid not in world.contents:
        raise TwilioError(20404)
    return world.contents[sid]


class Approval(BaseModel):
    """A request to WhatsApp to approve a content as a template."""

    name: str = Field(min_length=1, max_length=512, pattern="^[a-z0-9_]+$")
    category: Literal["UTILITY", "MARKETING", "AUTHENTICATION"]


@router.post("/{sid}/ApprovalRequests/whatsapp")
async def approve(sid: str, request: Request, world: TheWorld) -> JSONResponse:
    """Approve a content at once, where WhatsApp takes up to a day."""
    if sid not in world.contents:
        raise TwilioError(20404)
    try:
        asked = Approval.model_validate(loads(await request.body()))
    except (ValidationError, ValueError) as error:
        raise TwilioError(20001) from error
    world.approved.add(sid)
    answer = {"name": asked.name, "category": asked.category, "status": "approved", "rejection_reason": ""}
    return JSONResponse(answer | {"content_type": next(iter(world.contents[sid]["types"]))}, status_code=201)
