"""Puts the console into a web application, which sets `state.resources` and `state.assistant` before it serves."""

from pathlib import Path
from urllib.parse import urlencode, urlsplit

from fastapi import Depends, FastAPI, Request
from fastapi.exception_handlers import http_exception_handler, request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from console import (
    access,
    assets,
    confirm,
    desk,
    directory,
    emergency_lines,
    erasing,
    inbox,
    learning,
    live,
    media,
    misconduct,
    sign_in,
    understand,
)
from console import referrals as referral_pages
from console.headers import HEADERS, SecurityHeaders, is_ours
from console.pages import Pages, render

NODE_MODULES = Path(__file__).parents[1] / "node_modules"


def install(app: FastAPI, node_modules: Path = NODE_MODULES) -> None:
    """Routes, assets, headers and error pages. Needs what `npm ci` brings: FileNotFoundError without it."""
    app.state.pages = Pages(assets.mount(app, node_modules))
    app.add_middleware(SecurityHeaders)
    parts = (sign_in, inbox, desk, media, erasing, learning, emergency_lines, misconduct, live, understand)
    for router in (*(part.router for part in parts), *directory.ROUTERS, *referral_pages.ROUTERS):
        app.include_router(router, dependencies=[Depends(access.guard)], include_in_schema=False)
    app.include_router(confirm.router, include_in_schema=False)
    app.add_api_route("/", _home, include_in_schema=False)
    app.add_api_route("/console", _home, include_in_schema=False)
    app.add_exception_handler(access.SignInNeeded, _sign_in_needed)
    app.add_exception_handler(access.AdminsOnly, _admins_only)
    app.add_exception_handler(access.FocalPointsOnly, _focal_points_only)
    app.add_exception_handler(access.ReportsOnly, _reports_only)
    app.add_exception_handler(access.ReadersOnly, _readers_only)
    app.add_exception_handler(access.ForgedRequest, _forged)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _failed)


async def _home() -> Response:
    return RedirectResponse(sign_in.HOME, 303)


async def _sign_in_needed(request: Request, _: Exception) -> Response:
    """Pages go to the sign-in page and come back; what scripts fetch is told so in its own way."""
    if _wants_json(request):
        return JSONResponse({"error": "sign_in_needed"}, 401)
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": f"/console/sign-in{_back(request)}"})
    address = f"/console/sign-in?next={request.url.path}"
    if request.url.path == "/console/events":
        # A browser gives up on a stream that is refused, and what is on the page would stay there.
        return Response(live.event("signed_out"), media_type="text/event-stream")
    if unsent := await desk.unsent(request):
        return render(request, "sign_in.html", 401, email="", problem=None, **unsent)
    return RedirectResponse(address if request.method == "GET" else "/console/sign-in", 303)


def _back(request: Request) -> str:
    """Where signing in leads: to the page that a script fetched from, which has kept what was being typed."""
    try:
        page = urlsplit(request.headers.get("hx-current-url", "")).path
    except ValueError:
        page = ""
    return f"?{urlencode({'next': page})}" if page else ""


async def _admins_only(request: Request, error: Exception) -> Response:
    assert isinstance(error, access.AdminsOnly)
    also = {"or_reviewers": error.or_reviewers, "or_caseworkers": error.or_caseworkers}
    return render(request, "error.html", 403, error=403, admins_only=True, **also)


async def _focal_points_only(request: Request, _: Exception) -> Response:
    return render(request, "error.html", 403, error=403, focal_points_only=True)


async def _reports_only(request: Request, _: Exception) -> Response:
    """Pages lead a focal point to theirs; whatever else they try is refused."""
    if request.method == "GET" and not _wants_json(request):
        return RedirectResponse(misconduct.PAGE, 303)
    return JSONResponse({"error": "reports_only"}, 403)


async def _readers_only(request: Request, _: Exception) -> Response:
    return render(request, "error.html", 403, error=403, readers_only=True)


async def _forged(request: Request, _: Exception) -> Response:
    if _wants_json(request):
        return JSONResponse({"error": "forged_request"}, 403)
    return render(request, "error.html", 403, error=403)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if not is_ours(request.url.path) or _wants_json(request):
        return await http_exception_handler(request, error)
    return render(request, "error.html", error.status_code, error=error.status_code)


async def _invalid(request: Request, error: Exception) -> Response:
    """An address or form that none of our pages makes."""
    assert isinstance(error, RequestValidationError)
    if not is_ours(request.url.path) or _wants_json(request):
        return await request_validation_exception_handler(request, error)
    return render(request, "error.html", 404, error=404)


async def _failed(request: Request, _: Exception) -> Response:
    """Starlette logs the error itself after this answer."""
    if not is_ours(request.url.path) or _wants_json(request):
        return PlainTextResponse("Internal Server Error", 500)
    page = render(request, "error.html", 500, error=500)
    # This answer is made outside the middleware.
    page.headers.update(HEADERS)
    return page


def _wants_json(request: Request) -> bool:
    return request.url.path.startswith("/api/")
