"""When staff are there: hours as operators write them, in Baghdad's time."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from infrastructure.local_time import BAGHDAD
from infrastructure.settings import Settings
from infrastructure.working_hours import WorkingHours

# 22 November 2026 is a Sunday.
SUNDAY, THURSDAY, FRIDAY, SATURDAY = 22, 26, 27, 28


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=BAGHDAD)


@pytest.mark.parametrize(
    ("written", "moment", "opens"),
    [
        ("SU-TH 08:00-16:00", at(SUNDAY, 8), None),
        ("SU-TH 08:00-16:00", at(SUNDAY, 15, 59), None),
        ("SU-TH 08:00-16:00", at(SUNDAY, 7, 59), at(SUNDAY, 8)),
        ("SU-TH 08:00-16:00", at(SUNDAY, 16), at(SUNDAY + 1, 8)),
        ("SU-TH 08:00-16:00", at(THURSDAY, 16), at(SUNDAY + 7, 8)),
        ("SU-TH 08:00-16:00", at(FRIDAY, 10), at(SUNDAY + 7, 8)),
        ("su-th 8:00 - 16:00, SA 9:30-12:00", at(FRIDAY, 10), at(SATURDAY, 9, 30)),
        ("FR 10:00-11:00", at(FRIDAY, 11), at(FRIDAY, 10).replace(month=12, day=4)),
        ("TH-SU 20:00-24:00", at(SATURDAY, 23, 59), None),
        ("TH-SU 20:00-24:00", at(SUNDAY + 1, 1), at(THURSDAY, 20)),
        ("SU 08:00-10:00, SU 12:00-14:00", at(SUNDAY, 11), at(SUNDAY, 12)),
        ("SU-SA 00:00-24:00", at(FRIDAY, 3), None),
    ],
)
def test_open_or_when(written: str, moment: datetime, opens: datetime | None) -> None:
    hours = WorkingHours.read(written)
    for seen in (moment, moment.astimezone(UTC)):
        assert hours.is_open(seen) is (opens is None)
        if opens:
            assert hours.opens(seen) == opens


@pytest.mark.parametrize(
    "written",
    [
        "",
        "always",
        "SU-TH",
        "08:00-16:00",
        "SU-TH 16:00-08:00",
        "SU-TH 08:00-08:00",
        "SU-TH 8-16",
        "XX 08:00-16:00",
        "SU-XX 08:00-16:00",
        "SU 08:00-24:01",
        "SU 08:60-16:00",
        "SU 25:00-26:00",
        "SU-TH 08:00-16:00,",
        "SU 8:00;9:00",
    ],
)
def test_hours_that_nobody_can_keep_are_refused_at_start(written: str) -> None:
    with pytest.raises(ValueError, match=r"SU-TH|must end|a day that is none"):
        WorkingHours.read(written)
    if written:
        with pytest.raises(ValidationError, match="DALEEL_STAFF_HOURS"):
            Settings(_env_file=None, DALEEL_STAFF_HOURS=written)  # type: ignore[call-arg]
