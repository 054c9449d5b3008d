"""Who gets in, for how long, and how often somebody may try."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from sqlalchemy import select, update

from console import accounts, throttle
from console.accounts import Staff, StaffSession
from infrastructure.resources import Resources
from tests.console.browsing import EMAIL, PASSWORD, Visitor, browsing
from tests.console.rows import ago

LIST = "/console/conversations"
WRONG = "do not fit together"


async def test_right_password_opens_the_page_that_was_asked_for(visitor: Visitor, staff: Staff) -> None:
    asked = await visitor.get(LIST)
    assert (asked.status_code, asked.headers["location"]) == (303, f"/console/sign-in?next={LIST}")
    answer = await visitor.sign_in(email=" Zainab@Example.ORG ", next=LIST)
    assert (answer.status_code, answer.headers["location"]) == (303, LIST)
    assert (await visitor.get(LIST)).status_code == 200


async def test_session_cookie_is_out_of_reach(visitor: Visitor, staff: Staff) -> None:
    cookies = (await visitor.sign_in()).headers.get_list("set-cookie")
    session = next(cookie for cookie in cookies if cookie.startswith("daleel_session="))
    assert "HttpOnly" in session
    assert "SameSite=lax" in session
    assert "Path=/" in session


async def test_over_https_cookies_belong_to_this_host_alone(
    make_app: Callable[..., FastAPI], engines: Resources, staff: Staff
) -> None:
    secure = engines.settings.model_copy(update={"public_url": "https://daleel.example"})
    async with browsing(make_app(settings=secure)) as visitor:
        visitor.base_url = "https://daleel.example"
        cookies = (await visitor.sign_in()).headers.get_list("set-cookie")
    session = next(cookie for cookie in cookies if cookie.startswith("__Host-daleel_session="))
    assert "Secure" in session
    assert "Path=/" in session
    assert "Domain" not in session


@pytest.mark.parametrize(
    ("email", "password"),
    [(EMAIL, "correct horse"), ("nobody@example.org", PASSWORD), ("", ""), ("a\0b", "x"), (EMAIL, "x" * 5000)],
)
async def test_wrong_and_unknown_are_told_the_same(visitor: Visitor, staff: Staff, email: str, password: str) -> None:
    answer = await visitor.sign_in(email, password)
    assert answer.status_code == 401
    assert WRONG in answer.text
    assert (await visitor.get(LIST)).status_code == 303


async def test_inactive_staff_stay_out_and_are_put_out(colleague: Visitor, staff: Staff, engines: Resources) -> None:
    async with engines.sessions() as session:
        await session.execute(update(Staff).values(active=False))
        await session.commit()
    assert (await colleague.get(LIST)).status_code == 303
    answer = await colleague.sign_in()
    assert answer.status_code == 401
    assert WRONG in answer.text


@pytest.mark.parametrize("change", [{"expires_at": ago(seconds=1)}, {"last_seen_at": ago(minutes=61)}])
async def test_session_ends(colleague: Visitor, engines: Resources, change: dict[str, object]) -> None:
    assert (await colleague.get(LIST)).status_code == 200
    async with engines.sessions() as session:
        await session.execute(update(StaffSession).values(**change))
        await session.commit()
    assert (await colleague.get(LIST)).status_code == 303
    fetched = await colleague.get(LIST, headers={"HX-Request": "true"})
    assert (fetched.status_code, fetched.headers["hx-redirect"]) == (401, "/console/sign-in")


async def test_work_keeps_a_session_and_an_open_tab_does_not(colleague: Visitor, engines: Resources) -> None:
    async def seen_after(headers: dict[str, str]) -> bool:
        async with engines.sessions() as session:
            before = ago(minutes=30)
            await session.execute(update(StaffSession).values(last_seen_at=before))
            await session.commit()
            await colleague.get(LIST, headers=headers)
            [signed_in] = await session.scalars(select(StaffSession).execution_options(populate_existing=True))
            return bool(signed_in.last_seen_at > before + timedelta(minutes=1))

    assert await seen_after({})
    assert not await seen_after({"X-Live-Refresh": "1"})


async def test_signing_out_ends_the_session_everywhere(colleague: Visitor) -> None:
    stolen = dict(colleague.cookies)
    assert (await colleague.submit("/console/sign-out", LIST)).status_code == 303
    colleague.cookies.update(stolen)
    assert (await colleague.get(LIST)).status_code == 303


async def test_sixth_try_in_a_minute_waits_whether_the_account_exists_or_not(visitor: Visitor, staff: Staff) -> None:
    for email in (EMAIL, "nobody@example.org"):
        assert [(await visitor.sign_in(email, "wrong")).status_code for _ in range(5)] == [401] * 5
        answer = await visitor.sign_in(email, PASSWORD)
        assert answer.status_code == 429
        assert 0 < int(answer.headers["retry-after"]) <= 60
        assert "Too many tries" in answer.text


async def test_one_address_cannot_try_many_accounts(visitor: Visitor, staff: Staff, engines: Resources) -> None:
    for number in range(30):
        await throttle.count_sign_in(engines.redis, f"{number}@example.org", "127.0.0.1")
    assert (await visitor.sign_in()).status_code == 429


async def test_signing_in_forgets_mistyped_tries(visitor: Visitor, staff: Staff) -> None:
    for _ in range(2):
        for _ in range(4):
            await visitor.sign_in(password="mistyped")
        assert (await visitor.sign_in()).status_code == 303
        await visitor.submit("/console/sign-out", LIST)


async def test_nobody_signs_in_uncounted(make_app: Callable[..., FastAPI], staff: Staff) -> None:
    async with Redis(port=9, retry=Retry(NoBackoff(), 0)) as down, browsing(make_app(redis=down)) as visitor:
        answer = await visitor.sign_in()
    assert answer.status_code == 503
    assert "does not work at the moment" in answer.text


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/console/", "/\\evil.example"])
async def test_signing_in_never_leads_to_another_site(visitor: Visitor, staff: Staff, elsewhere: str) -> None:
    assert (await visitor.sign_in(next=elsewhere)).headers["location"] == LIST


async def test_old_hashes_are_renewed(engines: Resources, staff: Staff) -> None:
    async with engines.sessions() as session:
        weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
        await session.execute(update(Staff).values(password_hash=weak))
        signed_in = await accounts.authenticate(session, EMAIL, PASSWORD)
        assert signed_in
        assert not accounts.hasher.check_needs_rehash(signed_in.password_hash)


async def test_short_passwords_are_refused(engines: Resources) -> None:
    async with engines.sessions() as session:
        with pytest.raises(accounts.PasswordTooShort, match="at least 12"):
            await accounts.create_staff(session, "new@example.org", "New", "hotline", "elevenchars")


async def test_an_email_has_one_account_in_whatever_case(engines: Resources, staff: Staff) -> None:
    async with engines.sessions() as session:
        with pytest.raises(accounts.EmailTaken):
            await accounts.create_staff(session, EMAIL.upper(), "Other", "admin", PASSWORD)


async def test_demo_accounts_can_be_made_again_and_switched_off(engines: Resources) -> None:
    async with engines.sessions() as session:
        for secret in ("first", "second", "second"):
            made = await accounts.create_demo_staff(session, f"{secret} of {{}}".format)
        assert [role for _, _, role in made] == list(accounts.ROLES)
        for email, password, role in made:
            staff = await accounts.authenticate(session, email, password)
            assert staff
            assert staff.role == role
            assert staff.is_demo
        await accounts.deactivate_demo_staff(session)
        assert await accounts.authenticate(session, made[0][0], made[0][1]) is None


async def test_guessing_elsewhere_locks_nobody_out(app: FastAPI, visitor: Visitor, staff: Staff) -> None:
    transport = httpx.ASGITransport(app, client=("192.0.2.7", 40000))
    async with Visitor(transport=transport, base_url="http://test") as stranger:
        for _ in range(6):
            refused = await stranger.sign_in(password="wrong wrong wrong")
    assert refused.status_code == 429
    assert (await visitor.sign_in()).status_code == 303
