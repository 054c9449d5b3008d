"""The page that a link to who offers a service opens: what people are told, right or not. No account is needed.

The token in the address is the authority, so these routes don't hang under the console's guard: no cookie is read that
another site could make a browser send along. To look changes nothing, because messengers and mail programs follow links
by themselves.
"""

import logging
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from redis.exceptions import RedisError
from starlette.datastructures import FormData

from console import access, throttle
from console.directory.told import told
from console.pages import language_of, render_public
from console.translations import LOCALES
from directory import confirming, tasks
from directory.checking import NUMBER
from directory.confirming import BadLink
from directory.models import CHANGES
from directory.tasks import ChangedMeanwhile, NotPublished
from infrastructure import rate_limits
from infrastructure.local_time import day_in_iraq
from infrastructure.resources import Resources
from orthography.folding import fold_lightly

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/confirm")

# A closure that ends later than this is a typing error.
LONGEST_CLOSURE = timedelta(days=730)
_BETWEEN_DIGITS = re.compile(r"[\s()./-]")


@dataclass
class Typed:
    """What somebody wrote into the form about a change, and what is wrong with it (codes for the template)."""

    change: str = ""
    closed_until: str = ""
    note: str = ""
    call_back: str = ""
    problems: list[str] = field(default_factory=list)


@router.get("/{token}/changed")
async def back(token: str) -> Response:
    """Who opens the address of the form about a change gets the page with it."""
    return RedirectResponse(f"/confirm/{token}", 303)


@router.get("/{token:path}")
async def confirmation_page(request: Request, token: str, done: str = "") -> Response:
    """What people are told, with two ways to answer. Nothing changes by looking."""
    return await _page(request, token, done=done)


@router.post("/{token}")
async def confirm(request: Request, token: str) -> Response:
    """Keep that what is ticked is right; of what changed meanwhile the new text is shown."""
    form = await access.read_form(request)
    if refusal := await _refusal(request, token):
        return refusal
    if not (ticked := form.getlist("right")):
        return await _page(request, token, 422, problem="nothing_ticked")
    changed = False
    async with _resources(request).sessions() as session:
        try:
            link = confirming.read(token, datetime.now(UTC))
            # In one order, whoever else ticks the same.
            for service_id, seen in sorted(map(_tick, map(str, ticked[: confirming.MOST_AT_ONCE]))):
                try:
                    await confirming.confirm(session, link, service_id, seen, today=day_in_iraq())
                except (ChangedMeanwhile, NotPublished):
                    changed = True
        except (BadLink, ValueError):
            return _no_link(request)
        await session.commit()
    if changed:
        return await _page(request, token, 409, problem="changed")
    return _thanks(request, token, "right")


@router.post("/{token}/changed")
async def tell(request: Request, token: str) -> Response:
    """Keep what somebody says is different now, for staff to see to."""
    typed = _typed(await access.read_form(request))
    if refusal := await _refusal(request, token, typed=typed):
        return refusal
    closed_until = _closed_until(typed)
    call_back = _number(typed)
    _check(typed)
    if typed.problems:
        return await _page(request, token, 422, typed=typed)
    async with _resources(request).sessions() as session:
        try:
            link = confirming.read(token, datetime.now(UTC))
            await confirming.tell(
                session, link, typed.change, typed.note, closed_until=closed_until, call_back=call_back
            )
        except (BadLink, NotPublished):
            return _no_link(request)
        await session.commit()
    return _thanks(request, token, "told")


async def _page(request: Request, token: str, status: int = 200, **state: Any) -> Response:
    resources, language = _resources(request), _language(request)
    try:
        link = confirming.read(token, datetime.now(UTC))
        async with resources.sessions() as session:
            shown = await confirming.asked(session, link, day_in_iraq())
            services = [await told(session, resources, one, language) for one in shown]
    except BadLink:
        return _no_link(request)
    # From a list of services each has a page of its own, as long as the list.
    pages = {one.service.id: confirming.write(link._replace(kind="service", subject=one.service.id)) for one in shown}
    context: dict[str, Any] = {"done": "", "problem": "", "typed": Typed(), **state}
    context |= {"link": link, "page": f"/confirm/{token}", "services": services, "pages": pages, "today": day_in_iraq()}
    context |= {"changes": CHANGES, "longest_note": tasks.LONGEST_NOTE, "last_day": day_in_iraq() + LONGEST_CLOSURE}
    return render_public(request, "confirm.html", status, language=language, **context)


def _no_link(request: Request) -> Response:
    """The same for what is too old, made up, or no longer published: nobody learns which."""
    return render_public(request, "confirm_gone.html", 404, language=_language(request), days=confirming.VALID.days)


def _thanks(request: Request, token: str, done: str) -> Response:
    return RedirectResponse(f"/confirm/{token}?done={done}&language={_language(request)}", 303)


async def _refusal(request: Request, token: str, **state: Any) -> Response | None:
    """The page again for who sends too much, or while nobody can count; None to go on."""
    try:
        await throttle.count_answer(_resources(request).redis, token, rate_limits.caller(request))
    except rate_limits.TooMany as many:
        page = await _page(request, token, 429, problem="too_many", **state)
        page.headers["Retry-After"] = str(many.retry_after)
        return page
    except RedisError:
        logger.exception("answers by a link are refused while Redis is down")
        return await _page(request, token, 503, problem="unavailable", **state)
    return None


def _tick(value: str) -> tuple[UUID, str]:
    """A service and what somebody saw of it. ValueError for what no page of ours sends."""
    service_id, _, seen = value.partition(".")
    return UUID(service_id), seen


def _typed(form: FormData) -> Typed:
    def text(name: str) -> str:
        return tasks.clean(str(form.get(name, "")))

    note = text("note")
    # Who writes without choosing means something else.
    change = text("change") or ("other" if note else "")
    return Typed(change, text("closed_until"), note, text("call_back"))


def _check(typed: Typed) -> None:
    if typed.change not in CHANGES:
        typed.problems.append("change")
    if len(typed.note) > tasks.LONGEST_NOTE:
        typed.problems.append("note")
    if typed.change == "other" and not typed.note:
        typed.problems.append("no_words")


def _closed_until(typed: Typed) -> date | None:
    """The last day of a closure, which is today or later."""
    if typed.change != "closed_until":
        return None
    try:
        day = date.fromisoformat(fold_lightly(typed.closed_until).strip())
    except ValueError:
        day = date.min
    if not day_in_iraq() <= day <= day_in_iraq() + LONGEST_CLOSURE:
        typed.problems.append("closed_until")
    return day


def _number(typed: Typed) -> str:
    """A number as it is dialled, in digits of any script; empty if there is none."""
    number = _BETWEEN_DIGITS.sub("", fold_lightly(typed.call_back))
    if number and not NUMBER.fullmatch(number):
        typed.problems.append("call_back")
    return number


def _language(request: Request) -> str:
    """The language chosen on the page, else what the browser asks for."""
    chosen = request.query_params.get("language", "")
    return chosen if chosen in LOCALES else language_of(request)


def _resources(request: Request) -> Resources:
    resources: Resources = request.app.state.resources
    return resources
