"""How long uploaded tables are kept: what was found in them and done with them stays, their rows go."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from directory.models import ImportBatch
from infrastructure.retention import Rule
from infrastructure.settings import Settings

NO_ROWS: dict[str, Any] = {"titles": 0, "rows": [], "problems": []}


def rules(settings: Settings) -> list[Rule]:
    """Some of the tables are tens of megabytes: few at a time."""
    return [Rule("tables", settings.keep_tables_days, _full, _emptied, batch=5)]


def _full(before: datetime) -> Select[Any]:
    rows = func.jsonb_array_length(ImportBatch.content["rows"])
    return select(ImportBatch.id).where(ImportBatch.created_at < before, rows > 0)


async def _emptied(session: AsyncSession, batches: Sequence[UUID]) -> None:
    emptied = ImportBatch.content.concat(literal(NO_ROWS, JSONB))
    await session.execute(update(ImportBatch).where(ImportBatch.id.in_(batches)).values(content=emptied))
