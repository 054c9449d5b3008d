"""Signing in and out, and the language of the console."""

import logging
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from redis.exceptions import RedisError

from console import access, accounts, throttle
from console.pages import render
from console.translations import LOCALES
from infrastructure import rate_limits

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/console")

HOME = "/console/conversations"


@router.get("/sign-in")
async def sign_in_page(request: Request, next: str = HOME) -> Response:
    try:
        await access.whoever(request)
    except access.SignInNeeded:
        return _form(request, next=next)
    return RedirectResponse(_inside(next), 303)


@router.post("/sign-in")
async def sign_in(
    request: Request,
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = HOME,
    unsent: Annotated[str, Form()] = "",
) -> Response:
    """Counted before anything is looked up; what fails never says whether the account exists."""
    resources = request.app.state.resources
    address = rate_limits.caller(request)
    try:
        await throttle.count_sign_in(resources.redis, email, address)
    except rate_limits.TooMany as many:
        response = _form(request, 429, next=next, email=email, unsent=unsent, problem="too_many")
        response.headers["Retry-After"] = str(many.retry_after)
        return response
    except RedisError:
        logger.exception("sign-in is refused while Redis is down")
        return _form(request, 503, next=next, email=email, unsent=unsent, problem="unavailable")
    async with resources.sessions() as session:
        staff = await accounts.authenticate(session, email, password)
        if staff is None:
            return _form(request, 401, next=next, email=email, unsent=unsent, problem="wrong")
        token = await accounts.start_session(session, staff)
        await session.commit()
    with suppress(RedisError):
        await throttle.forget_tries(resources.redis, email, address)
    response = RedirectResponse(_inside(next), 303)
    access.set_cookie(request, response, access.SESSION, token)
    access.delete_cookie(request, response, access.VISIT)
    if staff.language:
        access.set_cookie(request, response, access.LANGUAGE, staff.language, access.YEAR_SECONDS)
    return response


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    if token := access.cookie(request, access.SESSION):
        async with request.app.state.resources.sessions() as session:
            await accounts.end_session(session, token)
            await session.commit()
    response = RedirectResponse("/console/sign-in", 303)
    access.delete_cookie(request, response, access.SESSION)
    return response


@router.post("/language")
async def choose_language(
    request: Request, language: Annotated[str, Form()], next: Annotated[str, Form()] = HOME
) -> Response:
    """Keep the choice in the browser, and for somebody signed in with their account."""
    if language not in LOCALES:
        raise HTTPException(400)
    token = access.cookie(request, access.SESSION)
    async with request.app.state.resources.sessions() as session:
        staff = await accounts.current_staff(session, token) if token else None
        if staff:
            staff.language = language
        await session.commit()
    response = RedirectResponse(_inside(next), 303)
    access.set_cookie(request, response, access.LANGUAGE, language, access.YEAR_SECONDS)
    return response


def _form(
    request: Request, status: int = 200, *, next: str, email: str = "", unsent: str = "", problem: str | None = None
) -> Response:
    return render(request, "sign_in.html", status, next=_inside(next), email=email, unsent=unsent, problem=problem)


def _inside(path: str) -> str:
    """Where to go on: a page of the console, never another site."""
    return path if path.startswith("/console/") and "\\" not in path else HOME
