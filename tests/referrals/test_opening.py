"""Opening, asking and taking back: each person their own, once, and only what they agreed to."""

import asyncio
import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.models import Address, Conversation
from directory import publishing
from directory.records import Service
from infrastructure import vault
from infrastructure.audit import AuditRecord
from infrastructure.resources import Resources
from infrastructure.segments import parts
from infrastructure.wording import Wording
from referrals import codes, lifecycle, opening
from referrals.consenting import NotOffered, consent_text
from referrals.models import Consent, Referral, ReferralEvent
from referrals.opening import ConsentOutdated
from referrals.wishes import NeedsAPerson, TooManyOpen, Wish
from tests.console.rows import conversation, message
from tests.referrals.rows import opened, raw, told

SECRETS = ("07707654321", "+9647707654321", "Umm Ali", "they took our house")
WISH = {"place": "IQG15Q05", "number": "0770 765 4321", "name": "Umm Ali", "words": "they took our house"}


async def test_a_referral_is_consented_and_sent_at_once(
    session: AsyncSession, wording: Wording, talk: Conversation, service: Service
) -> None:
    wish = Wish("legal_aid", service_id=service.id, how="text", when="evening", **WISH)  # type: ignore[arg-type]
    shown = await consent_text(session, wording, "ar", wish)
    yes = await message(session, talk, "1")
    made = await opening.open_referral(session, wording, talk.id, wish, shown, yes.id)
    await session.commit()
    assert codes.parse(made.code) == made.code
    assert (made.state, made.need, made.place_code, made.service_id) == ("sent", "legal_aid", "IQG15Q05", service.id)
    assert (made.how, made.when, made.language) == ("text", "evening", "ar")
    assert (made.number, made.name, made.words) == ("+9647707654321", "Umm Ali", "they took our house")
    consent = await session.get_one(Consent, made.id)
    assert (consent.text, consent.language, consent.message_id) == (shown, "ar", yes.id)
    assert (consent.organization_id, consent.organization_name) == (
        service.organization_id,
        {"ar": "Legal clinic's owner", "en": "Legal clinic's owner"},
    )
    assert (consent.recorded_by, consent.withdrawn_at) == (None, None)
    events = await session.scalars(select(ReferralEvent).order_by(ReferralEvent.number))
    assert [(one.number, one.from_state, one.to_state, one.who) for one in events] == [
        (1, None, "draft", "person"),
        (2, "draft", "consented", "person"),
        (3, "consented", "sent", "system"),
    ]
    # The answer in the conversation says it.
    assert await told(session, talk) == []


async def test_a_copy_of_the_database_tells_nothing_of_anybody(
    session: AsyncSession, wording: Wording, talk: Conversation
) -> None:
    made = await opened(session, wording, talk, **WISH)
    await lifecycle.move(
        session, wording, made.id, "closed", lifecycle.SYSTEM, seen="sent", outcome="other", note="a secret note"
    )
    shown = (await session.get_one(Consent, made.id)).text or ""
    await session.commit()
    copy = await raw(session, "referral", "consent", "referral_event", "audit_record", "procrastinate_jobs")
    for secret in (*SECRETS, "a secret note", shown[:20]):
        assert secret not in copy
        assert secret.encode().hex() not in copy
    acts = await session.scalars(select(AuditRecord).where(AuditRecord.subject_id == made.id).order_by(AuditRecord.id))
    assert [(act.action, act.details) for act in acts][1:] == [
        ("referral.moved", {"code": made.code, "from": "draft", "to": "consented", "by": "person"}),
        ("referral.moved", {"code": made.code, "from": "consented", "to": "sent", "by": "system"}),
        ("referral.moved", {"code": made.code, "from": "sent", "to": "closed", "outcome": "other", "by": "system"}),
    ]


async def test_their_own_number_is_not_kept_twice(session: AsyncSession, wording: Wording) -> None:
    talk = await conversation(session, "+9647701112233")
    assert (await opened(session, wording, talk, number="0770 111 2233")).number is None


async def test_nobody_agreed_to_anything_else(
    session: AsyncSession, wording: Wording, talk: Conversation, service: Service
) -> None:
    """A text shown for another wish, another organization, or made up."""
    wish = Wish("legal_aid", service_id=service.id)
    others = [Wish("legal_aid"), Wish("food", service_id=service.id), Wish("legal_aid", "IQG15", service.id)]
    for shown in [await consent_text(session, wording, "ar", other) for other in others] + ["", "yes", "x" * 100_000]:
        with pytest.raises(ConsentOutdated):
            await opening.open_referral(session, wording, talk.id, wish, shown, None)
    assert await session.scalar(select(func.count()).select_from(Referral)) == 0


async def test_a_renamed_organization_is_asked_about_again(
    session: AsyncSession, wording: Wording, talk: Conversation, service: Service
) -> None:
    wish = Wish("legal_aid", service_id=service.id)
    shown = await consent_text(session, wording, "en", wish)
    await session.execute(
        text("update entry set document = jsonb_set(document, '{name,en}', '\"Police\"') where id = :id"),
        {"id": service.organization_id},
    )
    await session.commit()
    session.expunge_all()
    with pytest.raises(ConsentOutdated):
        await opening.open_referral(session, wording, talk.id, wish, shown, None)


async def test_the_language_is_that_of_the_consent(session: AsyncSession, wording: Wording, talk: Conversation) -> None:
    shown = await consent_text(session, wording, "en", Wish("food"))
    made = await opening.open_referral(session, wording, talk.id, Wish("food"), shown, None)
    assert made.language == (await session.get_one(Consent, made.id)).language == "en"


@pytest.mark.parametrize("need", ["gbv", "counter_trafficking", "child_protection"])
async def test_sensitive_needs_are_never_kept(
    session: AsyncSession, wording: Wording, talk: Conversation, need: str
) -> None:
    with pytest.raises(NeedsAPerson):
        await opening.open_referral(session, wording, talk.id, Wish(need), "yes", None)
    await session.commit()
    session.add(
        Referral(code="X", need=need, language="ar", how="call", when="any", person_id=None, conversation_id=talk.id)
    )
    with pytest.raises(IntegrityError, match="sensitive_needs_are_never_kept"):
        await session.flush()


async def test_the_same_wish_twice_is_one_referral(session: AsyncSession, wording: Wording, talk: Conversation) -> None:
    first = await opened(session, wording, talk, **WISH)
    assert await opened(session, wording, talk, **WISH) is first
    assert await opened(session, wording, talk, **WISH | {"name": "Abu Ali"}) is not first
    first.opened_at = datetime.now(UTC) - timedelta(minutes=11)
    await session.flush()
    assert await opened(session, wording, talk, **WISH) is not first


async def test_after_taking_one_back_the_same_can_be_opened_anew(
    session: AsyncSession, wording: Wording, talk: Conversation
) -> None:
    first = await opened(session, wording, talk)
    assert await opening.withdraw(session, talk.id, first)
    assert await opened(session, wording, talk) is not first


async def test_a_code_that_is_taken_is_not_given_again(
    session: AsyncSession, wording: Wording, talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await opened(session, wording, talk, "food")
    rolled = iter(first.code.replace("-", "")[:-1] * 3)
    honest = secrets.choice
    monkeypatch.setattr(secrets, "choice", lambda choices: next(rolled, None) or honest(choices))
    second = await opened(session, wording, talk, "cash")
    assert next(rolled, None) is None
    assert second.code != first.code
    assert codes.parse(second.code) == second.code


async def test_ten_answers_at_once_open_one(engines: Resources, session: AsyncSession, talk: Conversation) -> None:
    await session.commit()

    async def answer() -> UUID:
        async with engines.sessions() as other:
            made = await opened(other, engines.wording, talk)
            await other.commit()
            return made.id

    assert len(set(await asyncio.gather(*(answer() for _ in range(10))))) == 1


async def test_so_many_open_ones_at_most(session: AsyncSession, wording: Wording, talk: Conversation) -> None:
    needs = ("food", "cash", "health", "wash", "shelter")
    assert len(needs) == opening.MOST_OPEN
    made = [await opened(session, wording, talk, need) for need in needs]
    with pytest.raises(TooManyOpen) as error:
        await opened(session, wording, talk, "education")
    assert isinstance(error.value, NeedsAPerson)
    assert wording.say(error.value.says, "ar")
    await opening.withdraw(session, talk.id, made[0])
    assert (await opened(session, wording, talk, "education")).state == "sent"


async def test_the_limit_holds_for_all_phones_of_a_person_at_once(
    engines: Resources, session: AsyncSession, talk: Conversation
) -> None:
    phone = await another_phone(session, talk)
    await session.commit()
    needs = ("food", "cash", "health", "wash", "shelter", "education", "livelihoods", "hygiene_kits")

    async def answer(need: str, on: Conversation) -> bool:
        async with engines.sessions() as other:
            try:
                await opened(other, engines.wording, on, need)
            except TooManyOpen:
                return False
            await other.commit()
            return True

    pairs = [(need, on) for need, on in zip(needs, [talk, phone] * 4, strict=True)]
    assert sum(await asyncio.gather(*(answer(need, on) for need, on in pairs))) == opening.MOST_OPEN


async def another_phone(session: AsyncSession, talk: Conversation) -> Conversation:
    """The same person on WhatsApp."""
    address = await session.get_one(Address, talk.address_id)
    other = Address(
        person_id=address.person_id,
        channel="whatsapp",
        value=address.value,
        fingerprint=vault.unlocked().fingerprint(address.value),
    )
    session.add(other)
    await session.flush()
    made = Conversation(address_id=other.id, channel="whatsapp", language="ar")
    session.add(made)
    await session.flush()
    return made


async def test_a_person_sees_their_own_from_all_their_phones_and_nobody_elses(
    session: AsyncSession, wording: Wording, talk: Conversation
) -> None:
    whatsapp, stranger = await another_phone(session, talk), await conversation(session, "+447700900001")
    older = await opened(session, wording, talk, "food")
    older.opened_at = datetime.now(UTC) - timedelta(days=2)
    newer = await opened(session, wording, whatsapp, "cash")
    await session.flush()
    for mine in (talk, whatsapp):
        assert [one.id for one in await opening.mine(session, mine.id)] == [newer.id, older.id]
        assert await opening.find(session, mine.id, older.code) is older
    assert list(await opening.mine(session, stranger.id)) == []
    assert await opening.find(session, stranger.id, older.code) is None
    assert await opening.find(session, stranger.id, codes.new()) is None
    assert await opening.find(session, talk.id, codes.new()) is None
    assert await opening.find(session, uuid4(), older.code) is None
    with pytest.raises(ValueError, match="not this person's"):
        await opening.withdraw(session, stranger.id, older)
    assert older.state == "sent"


async def test_a_guessed_code_takes_the_same_way_as_a_made_up_one(
    session: AsyncSession, wording: Wording, talk: Conversation
) -> None:
    """One statement either way, and the same answer: neither words nor time tell whether a code exists."""
    made = await opened(session, wording, talk)
    stranger = await conversation(session, "+447700900001")
    await session.commit()
    plans = []
    for code in (made.code, codes.new()):
        statement = opening._of_the_person(stranger.id).where(Referral.code == code)
        sql = str(statement.compile(compile_kwargs={"literal_binds": True}))
        plans.append(sql.replace(code, "CODE"))
        assert (await session.scalars(statement)).all() == []
    assert plans[0] == plans[1]
    assert {await opening.find(session, stranger.id, code) for code in (made.code, codes.new(), "", "x" * 9999)} == {
        None
    }


async def test_taking_it_back_takes_the_consent_back(
    session: AsyncSession, wording: Wording, talk: Conversation, caseworker: UUID
) -> None:
    for state in ("sent", "received", "accepted", "declined", "in_service"):
        made = await opened(session, wording, talk, words=state)
        for to in {"declined": ("received", "declined")}.get(state, ("received", "accepted", "in_service")):
            if made.state == state:
                break
            await lifecycle.move(session, wording, made.id, to, lifecycle.staff(caseworker), seen=made.state)
        assert made.state == state
        before = len(await told(session, talk))
        assert await opening.withdraw(session, talk.id, made)
        assert (made.state, made.closed_at is None) == ("withdrawn", False)
        assert (await session.get_one(Consent, made.id)).withdrawn_at
        assert not await opening.withdraw(session, talk.id, made)
        # The answer in the conversation says it.
        assert len(await told(session, talk)) == before


async def test_where_they_stand_in_words_that_tell_a_stranger_nothing(
    session: AsyncSession, wording: Wording, talk: Conversation, service: Service, caseworker: UUID
) -> None:
    assert "no request" in opening.status_text(wording, "en", [])
    made = [
        await opened(session, wording, talk, service_id=service.id, **WISH | {"words": f"{number}"})
        for number in range(5)
    ]
    await lifecycle.move(session, wording, made[1].id, "received", lifecycle.staff(caseworker), seen="sent")
    await opening.withdraw(session, talk.id, made[4])
    for language in ("ar", "en"):
        answer = opening.status_text(wording, language, await opening.mine(session, talk.id))
        assert parts(answer) <= 3
        assert made[0].code in answer
        for secret in (*SECRETS, "Legal", "قانون", "Mosul", "الموصل"):
            assert secret not in answer
    answer = opening.status_text(wording, "en", await opening.mine(session, talk.id))
    assert "being looked at" in answer
    # What can still change comes first.
    assert answer.index(made[0].code) < answer.index(made[4].code)
    assert answer.splitlines()[-1].endswith("cancelled.")


async def test_a_service_taken_out_before_the_yes(
    session: AsyncSession, wording: Wording, talk: Conversation, service: Service
) -> None:
    wish = Wish("legal_aid", service_id=service.id)
    shown = await consent_text(session, wording, "ar", wish)
    await publishing.archive(session, service.id)
    with pytest.raises(NotOffered):
        await opening.open_referral(session, wording, talk.id, wish, shown, None)
    assert list(await opening.mine(session, talk.id)) == []


async def test_a_service_taken_out_afterwards_leaves_the_referral_to_our_caseworkers(
    session: AsyncSession, wording: Wording, talk: Conversation, service: Service, caseworker: UUID
) -> None:
    made = await opened(session, wording, talk, service_id=service.id)
    await publishing.archive(session, service.id)
    assert (made.state, made.service_id) == ("sent", service.id)
    await lifecycle.move(session, wording, made.id, "closed", lifecycle.staff(caseworker), seen="sent", outcome="other")
    assert made.state == "closed"


async def test_a_caseworker_opens_for_somebody_who_said_yes_on_the_phone(
    session: AsyncSession, wording: Wording, talk: Conversation, caseworker: UUID
) -> None:
    shown = await consent_text(session, wording, "ar", Wish("food"))
    made = await opening.open_referral(session, wording, talk.id, Wish("food"), shown, None, read_out_by=caseworker)
    consent = await session.get_one(Consent, made.id)
    assert (consent.text, consent.recorded_by, consent.message_id) == (shown, caseworker, None)
    assert made.assigned_to == caseworker
    [text_sent] = await told(session, talk)
    assert made.code in text_sent
