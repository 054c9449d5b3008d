"""Pages from templates, in the language of whoever asks."""

from functools import partial
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from console import access, conversations
from console.translations import LOCALES, day, moment, number, preferred, translations, weekday
from directory import records
from directory.differences import steps
from directory.places import read_places

TEMPLATES = Path(__file__).parent / "templates"


class Pages:
    """The templates, one environment a language; built once with the addresses of the assets."""

    def __init__(self, assets: dict[str, str]) -> None:
        self._environments = {language: _environment(language, assets) for language in LOCALES}

    def html(self, template: str, language: str, **context: Any) -> str:
        """A template filled in."""
        return self._environments[language].get_template(template).render(**context)

    def word(self, kind: str, code: str, language: str) -> str:
        """A code of understanding in words, as pages show it (_meaning.html)."""
        words = self._environments[language].get_template("_meaning.html").module
        return str(getattr(words, kind)(code)).strip()


def language_of(request: Request) -> str:
    """The language somebody chose, else the one their browser asks for."""
    chosen = access.cookie(request, access.LANGUAGE)
    return chosen if chosen in LOCALES else preferred(request.headers.get("accept-language", ""))


def render(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """A page or part of one. A first visit gets the cookie that its forms are bound to."""
    binding = access.cookie(request, access.SESSION) or access.cookie(request, access.VISIT)
    visit = None if binding else access.new_visit()
    html = request.app.state.pages.html(
        template,
        language_of(request),
        staff=getattr(request.state, "staff", None),
        form_token=access.form_token(binding or visit or ""),
        here=request.url.path,
        **context,
    )
    response = HTMLResponse(html, status)
    if visit:
        access.set_cookie(request, response, access.VISIT, visit)
    return response


def render_public(request: Request, template: str, status: int = 200, *, language: str, **context: Any) -> HTMLResponse:
    """A page for somebody who has no account: no cookie, no form token, and nothing of the console."""
    html = request.app.state.pages.html(template, language, here=request.url.path, **context)
    return HTMLResponse(html, status)


def _environment(language: str, assets: dict[str, str]) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    environment.filters["moment"] = partial(moment, language=language)
    environment.filters["day"] = partial(day, language=language)
    environment.filters["number"] = partial(number, language=language)
    environment.filters["weekday"] = partial(weekday, language=language)
    environment.tests["in_part"] = lambda field, part: field.startswith(part)
    environment.filters["steps"] = steps
    places = {place["code"]: place["name"][language] for place in read_places()}
    environment.filters["place"] = lambda code: places.get(code, code)
    environment.globals.update(language=language, direction=LOCALES[language].text_direction, assets=assets)
    environment.globals.update(code=conversations.code, masked=conversations.masked, PAGE=conversations.PAGE)
    environment.globals.update(called=records.called)
    environment.globals.update(FORM_FIELD=access.FORM_FIELD, LIVE_HEADER=access.LIVE_HEADER)
    return environment
