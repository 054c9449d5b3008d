"""The worker at work on the tests' own queue, across from a Rasa and a provider that do what a test tells them."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from procrastinate import PsycopgConnector
from sqlalchemy import text

from conversations import outbox
from conversations.outbox import Outgoing
from infrastructure import queue
from infrastructure.resources import Resources
from tests.emulator.running import serving


@dataclass
class FakeRasa:
    """The far end of conversations.assistant: reads what it is told to read, and remembers until it must forget."""

    url: str = ""
    reads: dict[str, dict[str, Any]] = field(default_factory=dict)  # text -> intent, or less than all of a meaning
    buttons: list[str] = field(default_factory=list)  # under each answer
    asked: list[str] = field(default_factory=list)
    remembers: set[str] = field(default_factory=set)
    forgets: bool = True

    def meaning(self, said: str) -> dict[str, Any]:
        plain = {"intent": "greet", "confidence": 0.9, "sure": True, "entities": {}}
        return plain | self.reads.get(said, {})


@contextmanager
def rasa_told() -> Iterator[FakeRasa]:
    """A Rasa on a port of its own, and its action endpoint."""
    rasa, app = FakeRasa(), FastAPI()

    @app.get("/webhooks/daleel/")
    @app.get("/health")
    async def well() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/webhooks/daleel/turns")
    async def turns(request: Request) -> dict[str, Any]:
        turn = await request.json()
        rasa.asked.append(turn["text"])
        understood = rasa.meaning(turn["text"])
        left_to_us = understood["intent"] == "report_misconduct" and understood["sure"]
        if not left_to_us:
            rasa.remembers.add(turn["conversation"])
        replies = [] if left_to_us else [{"text": "an answer", "buttons": rasa.buttons}]
        return {"replies": replies, "understood": understood}

    @app.post("/webhooks/daleel/understand")
    async def understand(request: Request) -> dict[str, Any]:
        return rasa.meaning((await request.json())["text"])

    @app.post("/webhooks/daleel/resume")
    async def resume(request: Request) -> dict[str, Any]:
        return {}

    @app.post("/webhooks/daleel/forget")
    async def forget(request: Request) -> JSONResponse:
        if not rasa.forgets:
            return JSONResponse({"error": "told to fail"}, 500)
        rasa.remembers.discard((await request.json())["conversation"])
        return JSONResponse({})

    with serving(app) as url:
        rasa.url = url
        yield rasa


@dataclass
class FakeProvider:
    """Takes messages, or refuses them."""

    took: list[Outgoing] = field(default_factory=list)
    refuses: bool = False
    is_down: bool = False
    before_taking: Callable[[], Awaitable[object]] | None = None

    async def send(self, message: Outgoing) -> str:
        if self.before_taking:
            await self.before_taking()
        if self.is_down:
            raise outbox.NotReached("told to fail")
        if self.refuses:
            raise outbox.Refused(21610)
        self.took.append(message)
        return f"SM{len(self.took):032d}"

    async def find(self, message: Outgoing, since: datetime) -> list[str]:
        return []


async def no_jobs(resources: Resources) -> None:
    """An empty queue: other tests leave theirs."""
    async with resources.sessions() as session:
        await session.execute(text("truncate procrastinate_jobs cascade"))
        await session.commit()


async def work_off(resources: Resources, **context: Any) -> None:
    """Do what waits in the queue, and what that puts there, until nothing is left to do now."""
    url = resources.settings.required("database_url")
    given = {"resources": resources, "provider": FakeProvider(), "holdings": (), "retention": (), **context}
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
