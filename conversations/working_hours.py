"""What people are told when they ask for a person and nobody is there: when staff are back."""

from datetime import UTC, datetime

from babel.dates import get_day_names

from infrastructure.local_time import BAGHDAD
from infrastructure.resources import Resources
from infrastructure.working_hours import WorkingHours


def away_note(resources: Resources, language: str, now: datetime | None = None) -> str:
    """A sentence that says that staff are away and when they are back; empty while they are there."""
    hours, now = WorkingHours.read(resources.settings.staff_hours), now or datetime.now(UTC)
    if hours.is_open(now):
        return ""
    return resources.wording.say("utter_staff_away", language, when=_when(resources, language, now, hours.opens(now)))


def with_away_note(resources: Resources, language: str, text: str) -> str:
    """A text that promises somebody a person, with the hour to wait for where that is not now."""
    return f"{text} {away_note(resources, language)}".rstrip()


def _when(resources: Resources, language: str, now: datetime, opens: datetime) -> str:
    hour = f"{opens.hour}:{opens.minute:02d}"
    if opens.date() == now.astimezone(BAGHDAD).date():
        return resources.wording.say("utter_back_today", language, hour=hour)
    # Less than a week away, so a day's name says which.
    day = get_day_names("wide", locale=language)[opens.weekday()]
    return resources.wording.say("utter_back_on", language, day=day, hour=hour)
