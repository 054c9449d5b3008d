"""What a fresh installation finds in its database."""

import pytest
from sqlalchemy import create_engine, text

from conversations.models import DANGERS
from daleel import database
from infrastructure.database import sqlalchemy_url
from infrastructure.local_time import day_in_iraq
from infrastructure.settings import Settings

LINES = text("select number, name ->> 'en', dangers, verified_on, is_demo from emergency_line")


def test_without_a_focal_point_it_says_that_nobody_reads_reports_of_misconduct(
    fresh: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    real = fresh.model_copy(update={"twilio_account_sid": "AC1"})
    real.__dict__.pop("demo", None)
    database.seed(real)
    assert "nobody can read reports of misconduct" in caplog.text
    caplog.clear()
    database.seed(fresh)  # the demo has an account of every role
    assert "misconduct" not in caplog.text


def test_the_demo_has_one_emergency_line_and_nothing_real_has_any(fresh: Settings) -> None:
    real = fresh.model_copy(update={"twilio_account_sid": "AC1"})
    real.__dict__.pop("demo", None)
    engine = create_engine(sqlalchemy_url(fresh.required("database_url")))
    found = []
    for settings in (real, fresh, fresh):
        database.seed(settings)
        with engine.connect() as connection:
            found.append([tuple(row) for row in connection.execute(LINES)])
    engine.dispose()
    demo = ("0000000", "demo only", list(DANGERS), day_in_iraq(), True)
    assert found == [[], [demo], [demo]]
