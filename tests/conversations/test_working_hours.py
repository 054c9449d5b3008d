"""Honest when nobody is there: texts that promise a person say when staff are back, within their parts."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from conversations import danger, working_hours
from conversations.models import DANGERS, EmergencyLine
from infrastructure.local_time import BAGHDAD
from infrastructure.resources import Resources
from infrastructure.segments import parts
from infrastructure.wording import LANGUAGES

FRIDAY = datetime(2026, 11, 27, 10, tzinfo=BAGHDAD)
PROMISES = ("utter_person_called", "utter_person_already_called")


def keeping(resources: Resources, hours: str) -> Resources:
    return replace(resources, settings=resources.settings.model_copy(update={"staff_hours": hours}))


@pytest.mark.parametrize(
    ("hours", "arabic", "english"),
    [
        ("SU-TH 08:00-16:00", "فريقنا يرجع للدوام الأحد 8:00.", "away now. They are back Sunday at 8:00."),
        ("SU-FR 12:30-16:00", "فريقنا يرجع للدوام اليوم 12:30.", "away now. They are back today at 12:30."),
        ("SU-SA 00:00-24:00", "", ""),
    ],
)
def test_when_staff_are_back(resources: Resources, hours: str, arabic: str, english: str) -> None:
    resources = keeping(resources, hours)
    assert working_hours.away_note(resources, "ar", FRIDAY) == arabic
    assert working_hours.away_note(resources, "en", FRIDAY).endswith(english)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_promise_of_a_person_has_room_for_it(resources: Resources, language: str) -> None:
    away = working_hours.away_note(keeping(resources, "WE 08:00-16:00"), language, FRIDAY)
    for key, texts in resources.wording.texts.items():
        if key in PROMISES or key.startswith("utter_pass_on_"):
            assert parts(f"{texts[language]} {away}") <= 3, key


def line(number: str, arabic: str = "النجدة", english: str = "Police") -> EmergencyLine:
    return EmergencyLine(number=number, name={"ar": arabic, "en": english}, verified_on=date(2026, 11, 1))


SHORT = [line("104"), line("115")]
LONG = [line("+9647800000001", "خط الحماية"), line("+9647800000002", "خط العنف")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", DANGERS)
@pytest.mark.parametrize("known", [[], SHORT[:1], SHORT, LONG[:1], LONG], ids=["none", "one", "two", "long", "longs"])
def test_a_danger_answer_keeps_its_parts(
    resources: Resources, kind: str, language: str, known: list[EmergencyLine]
) -> None:
    away = working_hours.away_note(keeping(resources, "WE 08:00-16:00"), language, FRIDAY)
    text = danger.say(resources.wording, language, kind, known, away)
    assert parts(text) <= danger.MOST_PARTS
    assert all(one.number in text for one in known[:1])
    if known not in (LONG, LONG[:1]) or language == "en":
        assert away in text


def test_without_room_for_the_hours_the_number_stays(resources: Resources) -> None:
    text = danger.say(resources.wording, "ar", "gbv_disclosure", [line("+9647800000001")], "س" * 150)
    assert "+9647800000001" in text
    assert "سسس" not in text
