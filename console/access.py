"""Who is asking: the cookies, the signed-in member of staff, and what tells our own forms from somebody else's."""

import hmac
import secrets
from hashlib import sha256
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from console import accounts
from console.accounts import Staff
from infrastructure.settings import Settings

SESSION, VISIT, LANGUAGE = "daleel_session", "daleel_visit", "daleel_language"
YEAR_SECONDS = 365 * 24 * 3600
FORM_FIELD = "form_token"
# Set by pages on what they fetch by themselves when something happened.
LIVE_HEADER = "X-Live-Refresh"
# Roles that write to people.
ANSWERING = ("hotline", "caseworker", "admin")
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class SignInNeeded(Exception):
    """Nobody is signed in, or no longer."""


class AdminsOnly(Exception):
    """Somebody is signed in whose role does not allow this; reviewers, or caseworkers, may do some of it."""

    def __init__(self, *, or_reviewers: bool = False, or_caseworkers: bool = False) -> None:
        super().__init__()
        self.or_reviewers = or_reviewers
        self.or_caseworkers = or_caseworkers


class FocalPointsOnly(Exception):
    """Somebody is signed in who isn't a PSEA focal point: nobody else opens reports of misconduct, admins neither."""


class ReportsOnly(Exception):
    """A PSEA focal point is signed in, who opens reports of misconduct and nothing else."""


class ReadersOnly(Exception):
    """Somebody is signed in who reads conversations and answers none: a reviewer."""


class ForgedRequest(Exception):
    """A request that changes something and does not come from one of our pages."""


def cookie(request: Request, name: str) -> str | None:
    """What the browser sent under one of our names."""
    return request.cookies.get(_full_name(request, name))


def set_cookie(request: Request, response: Response, name: str, value: str, seconds: int | None = None) -> None:
    """Keep something in the browser, out of reach of scripts; without `seconds` until it is closed."""
    response.set_cookie(
        _full_name(request, name), value, max_age=seconds, httponly=True, samesite="lax", secure=_https(request)
    )


def delete_cookie(request: Request, response: Response, name: str) -> None:
    response.delete_cookie(_full_name(request, name), httponly=True, samesite="lax", secure=_https(request))


async def whoever(request: Request) -> Staff:
    """Who is signed in, in whatever role; SignInNeeded when nobody is."""
    token = cookie(request, SESSION)
    if token is None:
        raise SignInNeeded
    async with request.app.state.resources.sessions() as session:
        staff = await accounts.current_staff(session, token, active=LIVE_HEADER not in request.headers)
        await session.commit()
    if staff is None:
        raise SignInNeeded
    request.state.staff = staff
    return staff


Whoever = Annotated[Staff, Depends(whoever)]


async def signed_in(staff: Whoever) -> Staff:
    """The member of staff who asks; ReportsOnly for focal points."""
    if staff.role == "psea":
        raise ReportsOnly
    return staff


SignedIn = Annotated[Staff, Depends(signed_in)]


async def focal_point(staff: Whoever) -> Staff:
    """The PSEA focal point who asks; FocalPointsOnly for all other staff."""
    if staff.role != "psea":
        raise FocalPointsOnly
    return staff


FocalPoint = Annotated[Staff, Depends(focal_point)]


async def admin(staff: SignedIn) -> Staff:
    """The admin who asks; AdminsOnly for other staff."""
    if staff.role != "admin":
        raise AdminsOnly
    return staff


Admin = Annotated[Staff, Depends(admin)]


async def reviewer(staff: SignedIn) -> Staff:
    """The reviewer or admin who asks; AdminsOnly for other staff."""
    if staff.role not in ("reviewer", "admin"):
        raise AdminsOnly(or_reviewers=True)
    return staff


Reviewer = Annotated[Staff, Depends(reviewer)]


async def caseworker(staff: SignedIn) -> Staff:
    """The caseworker or admin who asks; AdminsOnly for other staff."""
    if staff.role not in ("caseworker", "admin"):
        raise AdminsOnly(or_caseworkers=True)
    return staff


Caseworker = Annotated[Staff, Depends(caseworker)]


async def answering(staff: SignedIn) -> Staff:
    """The member of staff who asks, if they answer people; ReadersOnly for reviewers."""
    if staff.role not in ANSWERING:
        raise ReadersOnly
    return staff


Answering = Annotated[Staff, Depends(answering)]


def form_token(binding: str) -> str:
    """What our forms carry: it follows from a cookie that other sites can neither read nor guess."""
    return hmac.new(binding.encode(), b"form", sha256).hexdigest()


def new_visit() -> str:
    """The value of a cookie for somebody who has not signed in yet, so that the sign-in form is protected too."""
    return secrets.token_urlsafe(32)


async def guard(request: Request) -> None:
    """Let a change through only from our own pages: ForgedRequest otherwise. Every router of ours hangs under this.

    Browsers say where a request comes from; a form must carry its token besides. JSON needs none: another site can't
    send it without asking first, and we never agree.
    """
    if request.method in SAFE_METHODS:
        return
    if not _same_origin(request):
        raise ForgedRequest
    if request.headers.get("content-type", "").split(";")[0].strip().lower() == "application/json":
        return
    given = (await read_form(request)).get(FORM_FIELD)
    bindings = [value for name in (SESSION, VISIT) if (value := cookie(request, name))]
    if not isinstance(given, str) or not any(
        hmac.compare_digest(given.encode(), form_token(binding).encode()) for binding in bindings
    ):
        raise ForgedRequest


async def read_form(request: Request) -> FormData:
    """What a form sent; ForgedRequest for what can't be read, or holds what no page could show again."""
    try:
        form = await request.form()
        # A charset of the sender's choosing can smuggle that in.
        "".join(value for _, value in form.multi_items() if isinstance(value, str)).encode()
    except (ValueError, LookupError):
        raise ForgedRequest from None
    return form


def _same_origin(request: Request) -> bool:
    """The browser's own word (Fetch Metadata) decides; an older browser's Origin must be ours."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    if origin is None:
        return True
    ours = {urlsplit(_settings(request).public_base).netloc, request.headers.get("host", "")}
    try:
        return urlsplit(origin).netloc in ours
    except ValueError:
        return False


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.resources.settings
    return settings


def _https(request: Request) -> bool:
    return _settings(request).public_base.startswith("https:")


def _full_name(request: Request, name: str) -> str:
    # __Host-: set by this very host over https, for the whole host; neighbours can't plant one.
    return f"__Host-{name}" if _https(request) else name
