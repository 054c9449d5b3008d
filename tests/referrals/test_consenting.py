"""What people are shown before anything leaves: all that would be seen, by whom, and that they may say no."""

from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from directory import publishing
from directory.needs import NEEDS
from directory.places import read_places
from directory.records import Service
from infrastructure.segments import is_gsm, parts
from infrastructure.wording import LANGUAGES, Wording, load
from referrals import consenting, wishes
from referrals.consenting import NotOffered, Recipient, consent_text, consent_to, summary
from referrals.wishes import NeedsAPerson, Wish

WORDS = load()
FULL = Wish("legal_aid", "IQG15Q05", number="07701234567", name="Umm Ali", words="they took our house " * 40)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_summary_and_consent_fits(language: str) -> None:
    longest = max(
        (place["code"] for place in read_places()), key=lambda code: len(consenting.place_name(code, language))
    )
    for need in set(NEEDS) - wishes.SENSITIVE:
        for name, words in (("", ""), ("ن" * 40, "ط" * 900), ("n" * 40, "w" * 900)):
            wish = Wish(need, longest, how="call", when="afternoon", number="07701234567", name=name, words=words)
            assert parts(summary(WORDS, language, wish) + "x" * consenting.QUESTION) <= 3
            for organization in ("ج", "منظمة " * 4, "منظمة " * 40) if language == "ar" else ("x", "Legal centre " * 30):
                receiver = Recipient(uuid4(), dict.fromkeys(LANGUAGES, organization))
                assert parts(consent_to(receiver, WORDS, language, wishes.kept(wish))) <= 3
            assert parts(consent_to(None, WORDS, language, wishes.kept(wish))) <= 3


def test_a_summary_says_all_that_was_said() -> None:
    text = summary(
        WORDS, "en", Wish("legal_aid", "IQG15Q05", None, "text", "evening", "07701234567", "Umm Ali", "court")
    )
    for said in ("Legal help", "Mosul", "text, evening", "+9647701234567", "Umm Ali", "court"):
        assert said in text
    assert is_gsm(text)
    assert "We keep 500 letters" in summary(WORDS, "en", FULL)
    assert "We keep" not in text
    assert "Name" not in summary(WORDS, "en", Wish("food"))


async def test_a_consent_names_who_sees_what(session: AsyncSession, wording: Wording, service: Service) -> None:
    bare, full = Wish("legal_aid", service_id=service.id), Wish(FULL.need, FULL.place, service.id, name="N", words="W")
    text = await consent_text(session, wording, "en", full)
    assert text.startswith("May our caseworkers pass your request on to Legal clinic's owner?")
    for seen in ("what you need (Legal help)", "your area (Mosul)", "your number and when", "your name", "your words"):
        assert seen in text
    assert "help you get stays the same" in text
    assert "cancel at any time" in text
    assert text.endswith("1 yes  2 no")
    text = await consent_text(session, wording, "en", bare)
    for unseen in ("your area", "your name", "your words"):
        assert unseen not in text
    ours = await consent_text(session, wording, "en", Wish("legal_aid"))
    assert "May our caseworkers have your request?" in ours
    assert "nobody else unless you agree" in ours
    arabic = await consent_text(session, wording, "ar", full)
    assert "Legal clinic's owner" in arabic
    assert "1 نعم  2 لا" in arabic


async def test_what_people_call_themselves_is_not_read_as_a_template(session: AsyncSession, wording: Wording) -> None:
    hostile = "{organization} {0} {x.__class__} %s <b>"
    assert hostile in summary(wording, "en", Wish("food", words=hostile))
    assert await consent_text(session, wording, "en", Wish("food", name=hostile))


async def test_nobody_is_referred_to_what_is_not_offered(
    session: AsyncSession, wording: Wording, service: Service
) -> None:
    for unknown in (uuid4(), service.organization_id, service.at[0].location_id):
        with pytest.raises(NotOffered):
            await consent_text(session, wording, "ar", Wish("legal_aid", service_id=unknown))
    assert service.organization_id
    await publishing.archive(session, service.id)
    with pytest.raises(NotOffered):
        await consent_text(session, wording, "ar", Wish("legal_aid", service_id=service.id))


@pytest.mark.parametrize("need", sorted(wishes.SENSITIVE))
async def test_sensitive_needs_are_not_even_summed_up(session: AsyncSession, wording: Wording, need: str) -> None:
    with pytest.raises(NeedsAPerson):
        summary(wording, "ar", Wish(need))
    with pytest.raises(NeedsAPerson):
        await consent_text(session, wording, "ar", Wish(need))
