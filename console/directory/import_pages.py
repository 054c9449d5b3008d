"""What the import pages show: all uploads, or one with what it would change or did."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache, partial
from typing import Any
from uuid import UUID

from fastapi import HTTPException, Request
from fastapi.responses import Response
from sqlalchemy import exists, func, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession

from console.accounts import Staff
from console.pages import language_of, render
from directory.exchange.columns import COLUMNS
from directory.exchange.sheet_codes import CODES
from directory.exchange.tables import MAX_BYTES, MAX_ROWS
from directory.importing import batches, deciding
from directory.importing.findings import SHOWN
from directory.importing.rows import OUTCOMES
from directory.models import OPEN_STATES, ImportBatch, Revision
from directory.places import read_places

LISTED = 50


async def listing(request: Request, problems: Iterable[tuple[int | None, str | None, str, str]] = ()) -> Response:
    """All imports, and why a file that was just sent isn't among them."""
    async with request.app.state.resources.sessions() as session:
        waits = exists().where(Revision.batch_id == ImportBatch.id, Revision.state.in_(OPEN_STATES))
        columns = (ImportBatch.id, ImportBatch.filename, ImportBatch.state, ImportBatch.created_at, Staff.name)
        query = select(*columns, ImportBatch.findings["counts"].label("counts"), waits.label("waits"))
        query = query.join(Staff, Staff.id == ImportBatch.created_by).order_by(ImportBatch.created_at.desc())
        rows = (await session.execute(query.limit(LISTED))).all()
    problems = list(problems)
    context: dict[str, Any] = {"rows": rows, "problems": problems, "columns": COLUMNS}
    context |= {"most_rows": MAX_ROWS, "most_megabytes": MAX_BYTES // 1024**2}
    return render(request, "directory/imports.html", 422 if problems else 200, **context)


async def page(
    request: Request,
    batch_id: UUID,
    *,
    show: str = "",
    said: str = "",
    mapping: dict[str, str] | None = None,
    stopped: Iterable[Any] = (),
) -> Response:
    """One import; with what kept something from being done, if `said`."""
    async with request.app.state.resources.sessions() as session:
        batch = await find(session, batch_id)
        counts, first_cells = batch.findings["counts"], await batches.first_cells(session, batch)
        mapping = mapping or batch.mapping
        context: dict[str, Any] = {
            "batch": batch,
            "findings": batch.findings,
            "checked_at": datetime.fromisoformat(batch.findings["checked_at"]),
            "first_cells": first_cells,
            "mapping": mapping,
            "left_out": [name for name in first_cells if not mapping[name]],
            "show": show or next((outcome for outcome in OUTCOMES if counts[outcome]), OUTCOMES[0]),
            "said": said,
            "stopped": list(stopped),
            "columns": COLUMNS,
            "numbers": {name: number for number, name in enumerate(first_cells)},
            "told": partial(_told, language=language_of(request)),
            "outcomes": OUTCOMES,
            "shown": SHOWN,
            "most_changes": batches.MOST_CHANGES,
            "states": await _states(session, batch_id),
            "revisions": await deciding.revisions_of(session, batch_id, most=SHOWN),
            "names": await _names(session),
            "alone": request.app.state.resources.settings.publish_alone,
        }
    return render(request, "directory/import.html", 409 if said else 200, **context)


async def find(session: AsyncSession, batch_id: UUID) -> ImportBatch:
    """An upload; 404 if there is none."""
    try:
        return await session.get_one(ImportBatch, batch_id, populate_existing=True)
    except NoResultFound:
        raise HTTPException(404) from None


async def _states(session: AsyncSession, batch_id: UUID) -> dict[str, int]:
    """How many of an import's revisions are in each state."""
    query = select(Revision.state, func.count()).where(Revision.batch_id == batch_id).group_by(Revision.state)
    return dict((await session.execute(query)).all())


async def _names(session: AsyncSession) -> dict[str, str]:
    """The names of staff by id."""
    return {str(identity): name for identity, name in await session.execute(select(Staff.id, Staff.name))}


def _told(key: str, text: str, language: str) -> str:
    """A cell as people read it: codes of lists and of places by their names."""
    kind = COLUMNS[key].kind if key in COLUMNS else key
    names = _names_of_codes(language).get(kind.removeprefix("codes:").removeprefix("code:"), {})
    return " · ".join(names.get(part, part) for part in text.split(", ")) if names else text


@cache
def _names_of_codes(language: str) -> dict[str, dict[str, str]]:
    """Names by list and code."""
    places = {place["code"]: place["name"][language] for place in read_places()}
    names = {"place": places, "places": places}
    for code in CODES:
        names.setdefault(code.list, {})[code.code] = code.ar if language == "ar" else code.en
    return names
