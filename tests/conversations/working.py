"""The worker at work on the tests' own queue."""

from typing import Any

from procrastinate import PsycopgConnector
from sqlalchemy import text

from infrastructure import queue
from infrastructure.resources import Resources
from tests.conversations.far_ends import Provider


async def no_jobs(resources: Resources) -> None:
    """An empty queue: other tests leave theirs."""
    async with resources.sessions() as session:
        await session.execute(text("truncate procrastinate_jobs cascade"))
        await session.commit()


async def work_off(resources: Resources, **context: Any) -> None:
    """Do what waits in the queue, and what that puts there, until nothing is left to do now."""
    url = resources.settings.required("database_url")
    given = {"resources": resources, "provider": Provider(), "holdings": (), "retention": (), **context}
    with queue.app.replace_connector(PsycopgConnector(conninfo=url)) as app:
        async with app.open_async():
            # A worker that doesn't wait ends when nothing is left, though what it is doing may put more there.
            while await _something_to_do(resources):
                await app.run_worker_async(
                    wait=False,
                    concurrency=4,
                    additional_context=given,
                    delete_jobs="successful",
                    install_signal_handlers=False,
                    listen_notify=False,
                )


async def now(resources: Resources) -> None:
    """What is to be tried again later is to be tried now."""
    async with resources.sessions() as session:
        await session.execute(text("update procrastinate_jobs set scheduled_at = null where status = 'todo'"))
        await session.commit()


async def jobs(resources: Resources) -> list[tuple[str, int]]:
    """What is left in the queue: tasks, and how often they were tried."""
    async with resources.sessions() as session:
        rows = await session.execute(text("select task_name, attempts from procrastinate_jobs order by id"))
        return [(task, attempts) for task, attempts in rows]


async def _something_to_do(resources: Resources) -> bool:
    """Whether a job waits neither for its time nor for an earlier one of its lock."""
    ready = """
      select exists(
        select from procrastinate_jobs job
        where job.status = 'todo' and coalesce(job.scheduled_at, now()) <= now() and not exists(
          select from procrastinate_jobs earlier
          where earlier.lock = job.lock and earlier.id < job.id and earlier.status in ('todo', 'doing')))
    """
    async with resources.sessions() as session:
        return bool(await session.scalar(text(ready)))
