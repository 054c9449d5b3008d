"""Nothing personal is kept longer than it has a use: rules of every package, applied once a day.

A rule says what may be kept how many days and how what is older goes. Applying one twice, or again after a crash, does
no harm: what has gone is not found again. Batches are small and committed one by one, so nobody waits for a lock.
"""

import logging
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from procrastinate import JobContext
from sqlalchemy import Select, delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from infrastructure import audit, failures, queue
from infrastructure.audit import AuditRecord
from infrastructure.database import Sessions
from infrastructure.resources import Resources

logger = logging.getLogger(__name__)

# At 03:30 in Baghdad, which is three hours ahead all year; the queue counts in UTC. Where nothing runs at that hour
# (the queue drops what is late), at the next one at which something does.
HOURLY, NIGHT = "30 * * * *", 0
DONE_LATELY = timedelta(hours=20)
APPLIED = "retention.applied"


class NotApplied(Exception):
    """Some rules failed (they are named) and will be tried again the next day."""


@dataclass(frozen=True)
class Rule:
    """What may be kept so many days, which rows are past that, and how some of them, by key, go."""

    what: str
    days: int
    overdue: Callable[[datetime], Select[Any]]  # keys of what is older than a moment
    let_go: Callable[[AsyncSession, Sequence[Any]], Awaitable[object]]
    batch: int = 500

    def past(self, now: datetime) -> Select[Any]:
        """Keys of what must go now."""
        return self.overdue(now - timedelta(self.days))


async def due(sessions: Sessions, rules: Sequence[Rule], now: datetime) -> dict[str, int]:
    """How much must go now, by rule; nothing is changed."""
    async with sessions() as session:
        return {rule.what: await _count(session, rule, now) for rule in rules}


async def apply(sessions: Sessions, rules: Sequence[Rule], now: datetime) -> dict[str, int]:
    """Let go of all that is past its time; returns how much it was, by rule, and leaves the counts in the audit log,
    also where nothing was: so it is known that somebody looked.

    A rule that fails keeps no other one from being applied; the log and NotApplied at the end name those that did.
    """
    gone: dict[str, int] = {}
    failed = []
    for rule in rules:
        try:
            gone[rule.what] = await _apply(sessions, rule, now)
        except Exception as failure:
            logger.error("retention of %s failed: %s", rule.what, failures.told(failure))
            failed.append(rule.what)
    async with sessions() as session:
        audit.record(session, None, APPLIED, None, **gone, **({"failed": failed} if failed else {}))
        await session.commit()
    if failed:
        raise NotApplied(", ".join(failed))
    return gone


@queue.app.periodic(cron=HOURLY)
@queue.app.task(name="apply_retention", lock="retention", queueing_lock="retention", pass_context=True)
async def apply_retention(context: JobContext, timestamp: int) -> None:
    """The nightly round, or the one that makes up for it. What fails tonight is found tomorrow."""
    resources: Resources = context.additional_context["resources"]
    rules: Sequence[Rule] = context.additional_context["retention"]
    now = datetime.now(UTC)
    at_night = datetime.fromtimestamp(timestamp, UTC).hour == NIGHT
    if not at_night and await _done_since(resources.sessions, now - DONE_LATELY):
        return
    gone = await apply(resources.sessions, rules, now)
    logger.info("retention: %s", told(gone))


def of_the_log(days: int) -> Rule:
    """The audit log itself goes when nobody can be asked about it any more."""

    def overdue(before: datetime) -> Select[Any]:
        return select(AuditRecord.id).where(AuditRecord.at < before)

    async def let_go(session: AsyncSession, records: Sequence[int]) -> None:
        await session.execute(delete(AuditRecord).where(AuditRecord.id.in_(records)))

    return Rule("audit", days, overdue, let_go)


def told(counts: dict[str, int]) -> str:
    """Counts in one line, for logs and terminals."""
    return ", ".join(f"{what}: {count}" for what, count in counts.items())


async def _done_since(sessions: Sessions, moment: datetime) -> bool:
    async with sessions() as session:
        round_since = exists().where(AuditRecord.at > moment, AuditRecord.action == APPLIED)
        return bool(await session.scalar(select(round_since)))


async def _apply(sessions: Sessions, rule: Rule, now: datetime) -> int:
    async with sessions() as session:
        count = await _count(session, rule, now)
    gone = 0
    # As many rounds as the count needs: a rule that leaves what it should let go doesn't run for ever.
    for _ in range(math.ceil(count / rule.batch)):
        async with sessions() as session:
            keys = (await session.scalars(rule.past(now).limit(rule.batch))).all()
            if keys:
                await rule.let_go(session, keys)
                gone += len(keys)
            await session.commit()
    return gone


async def _count(session: AsyncSession, rule: Rule, now: datetime) -> int:
    return await session.scalar(select(func.count()).select_from(rule.past(now).subquery())) or 0
