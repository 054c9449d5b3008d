from datetime import UTC, datetime, timedelta

from infrastructure.local_time import day_in_iraq


def test_the_day_begins_three_hours_before_that_of_utc() -> None:
    assert day_in_iraq() == (datetime.now(UTC) + timedelta(hours=3)).date()
