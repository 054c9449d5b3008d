"""The job queue: Procrastinate on the same PostgreSQL, so a row and the job about it commit together or not at all."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.jobs import Job
from procrastinate.tasks import Task
from psycopg_pool import AsyncConnectionPool
from sqlalchemy.ext.asyncio import AsyncSession

logger = logging.getLogger(__name__)

# Tasks register themselves here where they are written; the worker opens the connector, others defer inside their
# own transactions and never open it.
app = App(connector=PsycopgConnector())

HEARTBEAT_SECONDS = 2.0
STALLED_SECONDS = 10.0


@dataclass(frozen=True)
class Backoff(BaseRetryStrategy):
    """Try again after 2, 4, 8 ... seconds, up to `longest`. A task decides itself when to give up."""

    longest: int

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        return RetryDecision(retry_in={"seconds": min(self.longest, 2 ** min(job.attempts + 1, 20))})


async def defer(session: AsyncSession, task: Task[Any, Any, Any], *, lock: str, **arguments: Any) -> None:
    """Put a job in the caller's transaction. Jobs of one lock run one at a time, in the order they were put."""
    connection = await (await session.connection()).get_raw_connection()
    await task.configure(lock=lock, connection=connection.driver_connection).defer_async(**arguments)


async def work(database_url: str, context: dict[str, Any], concurrency: int = 8) -> None:
    """Run jobs until SIGINT or SIGTERM; jobs under way get 20 s to finish, then they are tried again later."""
    async with AsyncConnectionPool(database_url, min_size=2, max_size=6, open=False) as pool:
        await app.open_async(pool)
        rescue = asyncio.create_task(_rescue_stalled())
        try:
            await app.run_worker_async(
                concurrency=concurrency,
                additional_context=context,
                delete_jobs="successful",
                shutdown_graceful_timeout=20,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=STALLED_SECONDS,
                fetch_job_polling_interval=2,
            )
        finally:
            rescue.cancel()


async def _rescue_stalled() -> None:
    """Put jobs of workers that died back in the queue: a killed process loses nothing."""
    while True:
        try:
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
                logger.warning("job %s was left by a worker that died; it runs again", job.id)
                await app.job_manager.retry_job(job)
        except Exception:
            logger.exception("looking for stalled jobs failed; trying again")
        await asyncio.sleep(STALLED_SECONDS / 2)
