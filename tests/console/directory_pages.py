"""What tests ask of the directory's pages, and of what they changed."""

import re
from html import unescape
from typing import Any
from uuid import UUID

from sqlalchemy import select

from directory.models import Entry, Revision
from infrastructure.resources import Resources

LIST = "/console/directory"


async def entry(engines: Resources, entry_id: UUID | str) -> Entry:
    async with engines.sessions() as session:
        return await session.get_one(Entry, UUID(str(entry_id)))


async def revisions(engines: Resources, entry_id: UUID | str) -> list[Revision]:
    async with engines.sessions() as session:
        found = select(Revision).where(Revision.entry_id == UUID(str(entry_id))).order_by(Revision.number)
        return list(await session.scalars(found))


def words(page: str) -> str:
    """What a page says."""
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))


def filled_in(page: str) -> dict[str, Any]:
    """The entry's form on a page as a browser would send it, without pressing a button."""
    form = page[page.index('<form id="entry-form"') : page.index("</form>", page.index('<form id="entry-form"'))]
    sent: dict[str, Any] = {}

    def add(name: str, value: str) -> None:
        sent.setdefault(name, []).append(unescape(value))

    for tag in re.findall(r"<input[^>]*>", form):
        name, value = _attribute(tag, "name"), _attribute(tag, "value")
        is_box = _attribute(tag, "type") in ("checkbox", "radio")
        if name and (not is_box or re.search(r"\schecked", tag)):
            add(name, value or "")
    for name, content in re.findall(r'<textarea[^>]*? name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        add(name, content)
    for name, options in re.findall(r'<select[^>]*? name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options) or re.search(
            r'<option value="([^"]*)"', options
        )
        if chosen:
            add(name, chosen[1])
    return sent


def address_of(page: str) -> str:
    """Where the entry's form is sent."""
    found = re.search(r'<form id="entry-form"[^>]* action="([^"]+)"', page)
    assert found
    return found[1]


def _attribute(tag: str, name: str) -> str | None:
    found = re.search(rf'\s{name}="([^"]*)"', tag)
    return found[1] if found else None
