"""An uploaded table from its arrival to review: stored, compared, and proposed all at once or not at all.

Nothing but the upload itself is stored until somebody agrees to what they saw; that somebody has agreed to this very
plan is told by its mark. Parsing and comparing are done in threads: 50,000 rows keep nobody waiting but their author.
"""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from sqlalchemy import Text, cast, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from directory import publishing
from directory.exchange import columns
from directory.exchange.problems import Problem
from directory.exchange.sheet_places import Places
from directory.exchange.standing import stream, uncollected
from directory.exchange.tables import read_table
from directory.importing import plan as planning
from directory.importing.findings import findings
from directory.importing.lookup import look_up
from directory.importing.plan import Plan
from directory.importing.rows import rows_of
from directory.models import ImportBatch, Revision
from directory.places import read_places
from directory.publishing import NotAllowed
from infrastructure import audit

LONGEST_NAME = 100
# Entries that one import may change: half a minute's work for the database, in one transaction.
MOST_CHANGES = 6_000


class Unusable(Exception):
    """A file that no rows can be read from; `problems` say why."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = problems


class Changed(Exception):
    """What the import would do now isn't what was agreed to: look again."""


class HasErrors(Exception):
    """Rows are wrong and nobody has said that they may be left out, or the file itself is."""


class NothingToDo(Exception):
    """No row that may be taken changes anything."""


class TooMany(Exception):
    """More entries would change than may at once (MOST_CHANGES): the file must be split."""


class TakenTwice(Exception):
    """Two columns of a file can't be the same column of ours."""


async def upload(session: AsyncSession, data: bytes, filename: str, *, by: UUID) -> ImportBatch:
    """Store a file's table and look through it; Unusable if there is none in it. The caller commits."""
    with uncollected():
        content, mapping, count = await asyncio.to_thread(_read, data, filename)
    batch = ImportBatch(filename=_plain_name(filename), mapping=mapping, findings={}, created_by=by)
    batch.content = cast(literal(content, Text), JSONB)
    session.add(batch)
    await session.flush()
    await check(session, batch)
    audit.record(session, by, "import.uploaded", batch.id, rows=count)
    return batch


async def choose_columns(session: AsyncSession, batch: ImportBatch, mapping: Mapping[str, str]) -> None:
    """Take the file's columns for other ones of ours and look through it again; the caller commits.

    NotAllowed once it was applied; TakenTwice; an unknown column on either side is a ValueError.
    """
    _must_be(batch, "uploaded")
    taken = [key for key in mapping.values() if key]
    if mapping.keys() != batch.mapping.keys() or not set(taken) <= columns.COLUMNS.keys():
        raise ValueError("unknown column")
    if len(set(taken)) < len(taken):
        raise TakenTwice
    batch.mapping = dict(mapping)
    await check(session, batch)


async def check(session: AsyncSession, batch: ImportBatch) -> None:
    """Look through a table as the directory stands now, and keep what is found; the caller commits."""
    with uncollected():
        batch.findings = await _findings(session, batch)


async def apply(session: AsyncSession, batch_id: UUID, *, by: UUID, mark: str, leave_out: bool = False) -> None:
    """Propose all that a table changes and hand it to reviewers; the caller commits.

    `mark` is of the findings that were agreed to. NotAllowed, Changed, HasErrors, TooMany and NothingToDo: a rollback
    undoes what was done by then. Rows with errors are left out only if asked; those in conflict always are.
    """
    batch = await find(session, batch_id)
    _must_be(batch, "uploaded")
    with uncollected():
        plan, rest = await _plan(session, batch)
    if await asyncio.to_thread(plan.mark) != mark:
        raise Changed
    has_errors = any(row.outcome == "error" for row in plan.rows)
    if any(not problem.is_notice for problem in rest) or (has_errors and not leave_out):
        raise HasErrors
    if has_errors:
        plan = await asyncio.to_thread(planning.without_errors, plan)
    if not plan.changes:
        raise NothingToDo
    if len(plan.changes) > MOST_CHANGES:
        raise TooMany
    revisions = await _propose(session, plan, batch_id, by)
    for revision in revisions:
        # A service hands its new organization and locations over, too.
        if revision.state == "draft":
            await publishing.submit(session, revision)
    batch.state, batch.applied_at = "proposed", datetime.now(UTC)
    left_out = sum(row.outcome in ("error", "conflict") for row in plan.rows)
    batch.findings = batch.findings | {"applied": len(revisions), "left_out": left_out}
    audit.record(session, by, "import.applied", batch_id, revisions=len(revisions), left_out=left_out)


async def remove(session: AsyncSession, batch_id: UUID, *, by: UUID) -> None:
    """Forget an upload that was never applied; NotAllowed otherwise. The caller commits."""
    batch = await find(session, batch_id)
    _must_be(batch, "uploaded")
    await session.delete(batch)
    audit.record(session, by, "import.removed", batch_id)


async def find(session: AsyncSession, batch_id: UUID) -> ImportBatch:
    """An upload that nobody else works on meanwhile; sqlalchemy's NoResultFound if there is none."""
    return await session.get_one(ImportBatch, batch_id, with_for_update=True)


async def first_cells(session: AsyncSession, batch: ImportBatch) -> dict[str, str]:
    """Of each column the first cell with something in it, to tell what the column is."""
    content = await _content(session, batch, most=50)
    rows = [cells for _, cells in content["rows"][content["titles"] :]]
    return {
        name: next((cells[index] for cells in rows if cells[index]), "")
        for index, name in enumerate(content["columns"])
    }


async def _propose(session: AsyncSession, plan: Plan, batch_id: UUID, by: UUID) -> list[Revision]:
    try:
        return [
            await publishing.propose(session, change.record(), author=by, base=change.base, batch=batch_id)
            for change in plan.changes
        ]
    except publishing.Conflict:
        raise Changed from None


async def _findings(session: AsyncSession, batch: ImportBatch) -> dict[str, Any]:
    """What a table would do; the plan itself is gone when this is told."""
    plan, rest = await _plan(session, batch)
    return await asyncio.to_thread(findings, plan, batch.mapping, rest)


async def _plan(session: AsyncSession, batch: ImportBatch) -> tuple[Plan, list[Problem]]:
    content = await _content(session, batch)
    rows, rest = await asyncio.to_thread(rows_of, content, batch.mapping)
    known = await look_up(session, rows)
    places = Places(read_places())
    return await asyncio.to_thread(planning.make_plan, batch.id, rows, known, places), rest


async def _content(session: AsyncSession, batch: ImportBatch, most: int | None = None) -> dict[str, Any]:
    """The stored table with all its rows or the first ones, a few at a time: tens of megabytes of JSON at once would
    hold up everybody."""
    stored = ImportBatch.content
    query = select(stored["columns"], stored["titles"], stored["problems"]).where(ImportBatch.id == batch.id)
    columns, titles, problems = (await session.execute(query)).one()
    rows = select(func.jsonb_array_elements(stored["rows"])).where(ImportBatch.id == batch.id).limit(most)
    found = [row async for (row,) in stream(session, rows)]
    return {"columns": columns, "titles": titles, "problems": problems, "rows": found}


def _read(data: bytes, filename: str) -> tuple[str, dict[str, str], int]:
    """A file's table as JSON, what its columns seem to be, and how many rows it has."""
    table = read_table(data, filename)
    if not table.is_usable:
        raise Unusable(table.problems)
    cells = [row.cells for row in table.rows]
    titles, tags = columns.tags_in(table.columns, cells)
    mapping = columns.guess(table.columns, tags, cells[titles:])
    # Row by row: others get their turn between.
    rows = ",".join(_json([row.number, [row.cells[name] for name in table.columns]]) for row in table.rows)
    problems = [[one.row, one.column, one.code, one.detail] for one in table.problems]
    head = _json({"columns": table.columns, "titles": titles, "problems": problems})
    return f'{head[:-1]}, "rows": [{rows}]}}', mapping, len(table.rows) - titles


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _plain_name(filename: str) -> str:
    """A file's name without folders and without what can't be seen."""
    name = PurePosixPath(filename.replace("\\", "/")).name
    return "".join(sign for sign in name if sign.isprintable())[-LONGEST_NAME:] or "?"


def _must_be(batch: ImportBatch, *states: str) -> None:
    if batch.state not in states:
        raise NotAllowed(f"an import that is {batch.state}")
