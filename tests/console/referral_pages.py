"""Referrals in the console: a person, a service, a caseworker's browser, and what became of it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from console.accounts import Staff
from conversations.models import Conversation
from directory.records import Service
from infrastructure.audit import AuditRecord
from infrastructure.resources import Resources
from referrals import lifecycle
from referrals.lifecycle import staff
from referrals.models import Referral
from tests.console.browsing import Visitor
from tests.console.rows import conversation
from tests.directory.rows import add_service
from tests.referrals.rows import opened, told

LIST = "/console/referrals"
ATTACK = '<script>alert("x")</script>'
SECRET = {"name": "Umm Ali", "words": f"they took our house {ATTACK}", "number": "07707654321"}


@pytest.fixture
async def service(people: dict[str, Staff], engines: Resources) -> Service:
    async with engines.sessions() as session:
        service = await add_service(session, "Legal clinic", needs=("legal_aid",))
        await session.commit()
    return service


@pytest.fixture
async def talk(people: dict[str, Staff], engines: Resources) -> Conversation:
    async with engines.sessions() as session:
        talk = await conversation(session, "+9647701112233", "اريد محامي")
        await session.commit()
    return talk


@pytest.fixture
async def made(engines: Resources, talk: Conversation, service: Service) -> Referral:
    return await open_one(engines, talk, service_id=service.id, place="IQG15Q05", **SECRET)


@pytest.fixture
async def caseworker(sign_in: Callable[..., Any]) -> Visitor:
    visitor: Visitor = await sign_in("caseworker")
    return visitor


async def open_one(engines: Resources, talk: Conversation, need: str = "legal_aid", **wish: Any) -> Referral:
    async with engines.sessions() as session:
        made = await opened(session, engines.wording, talk, need, **wish)
        await session.commit()
    return made


async def moved(engines: Resources, made: Referral, by: Staff, *states: str, outcome: str | None = None) -> None:
    async with engines.sessions() as session:
        for to in states:
            seen = (await session.get_one(Referral, made.id)).state
            ending = outcome if to == "closed" else None
            await lifecycle.move(session, engines.wording, made.id, to, staff(by.id), seen=seen, outcome=ending)
        await session.commit()


async def now(engines: Resources, made: Referral) -> Referral:
    async with engines.sessions() as session:
        return await session.get_one(Referral, made.id)


async def acts(engines: Resources, action: str) -> list[AuditRecord]:
    async with engines.sessions() as session:
        return list(await session.scalars(select(AuditRecord).where(AuditRecord.action == action)))


async def news(engines: Resources, talk: Conversation) -> list[str]:
    async with engines.sessions() as session:
        return await told(session, talk)
