"""What a form offers to choose from, and the names of what a document refers to."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.directory.forms import NEW, Filled
from directory import checking, hours, topics
from directory.finding import Sought, documents, entries
from directory.models import Place
from directory.needs import NEEDS
from directory.records import ELIGIBLE, Article, Hours, Kind, Service

# As many results of a search as fit beside a form.
OFFERED = 8


def _options(model: type[BaseModel], name: str) -> tuple[str, ...]:
    """The words that a field of a record may be."""
    return get_args(model.model_fields[name].annotation)


CODES: Mapping[str, Sequence[str]] = {
    "needs": NEEDS,
    "eligible": ELIGIBLE,
    "languages": checking.LANGUAGES,
    "weekdays": hours.CODES,
    "topics": topics.TOPICS,
    "situations": topics.SITUATIONS,
    "access": _options(Service, "access"),
    "capacity": _options(Service, "capacity"),
    "hours": _options(Hours, "kind"),
    "freq": _options(Hours, "freq"),
    "confidence": _options(Article, "confidence"),
}


async def parents(session: AsyncSession) -> dict[str, str | None]:
    """All places, each with the one it is in: what checks need."""
    rows = await session.execute(select(Place.code, Place.parent))
    return dict(rows.all())


async def places(session: AsyncSession) -> list[Place]:
    """Governorates and their districts, in the order of their codes."""
    return list(await session.scalars(select(Place).order_by(Place.code)))


async def of_form(session: AsyncSession, form: Filled, typed: Mapping[str, Any]) -> dict[str, Any]:
    """Places, names of the parts a form points to, and what was found for the words typed in its searches."""
    found = {}
    if form.kind == "service":
        searches = {"organization_id": "organization"}
        searches |= {f"at[{number}].location_id": "location" for number in range(len(form.document.get("at", [])))}
        for field, kind in searches.items():
            words = str(typed.get(f"{field}.search", ""))[:200]
            found[field] = await offered(session, kind, words) if words.strip() else []  # type: ignore[arg-type]
    known = await places(session)
    return {
        "codes": {**CODES, "governorates": [place.code for place in known if place.parent is None]},
        "places": known,
        "names": await names(session, form.kind, form.document),
        "found": found,
        "typed": typed,
    }


async def offered(session: AsyncSession, kind: Kind, words: str) -> list[tuple[str, Mapping[str, Any]]]:
    """Entries of a kind that words name, each as its id and document."""
    rows, _ = await entries(session, Sought(kind=kind, words=words), limit=OFFERED)
    return [(str(row.id), row.document) for row in rows]


async def names(session: AsyncSession, kind: Kind, *given: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The documents of the organization and locations that services name, by their ids as text."""
    if kind != "service":
        return {}
    ids = {document.get("organization_id") for document in given}
    ids |= {at.get("location_id") for document in given for at in document.get("at", [])}
    known = [parsed for one in ids if one and one != NEW and (parsed := _uuid(one))]
    return {str(identity): document for identity, document in (await documents(session, known)).items()}


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
