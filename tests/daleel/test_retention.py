"""The command that lets go of what was kept long enough."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, text

from daleel import retention
from infrastructure.database import sqlalchemy_url
from infrastructure.settings import Settings

LOG = text("select action from audit_record order by id")


@pytest.fixture
def old_act(fresh: Settings) -> Settings:
    """A log whose one entry is too old by now."""
    engine = create_engine(sqlalchemy_url(fresh.required("database_url")))
    with engine.begin() as connection:
        connection.execute(
            text("insert into audit_record (at, action, details) values (:at, 'old', '{}')"),
            {"at": datetime.now(UTC) - timedelta(days=2000)},
        )
    engine.dispose()
    return fresh


def acts(settings: Settings) -> list[str]:
    engine = create_engine(sqlalchemy_url(settings.required("database_url")))
    with engine.connect() as connection:
        found = list(connection.scalars(LOG))
    engine.dispose()
    return found


def test_a_dry_run_only_says_what_would_go(old_act: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    retention.run(old_act, dry_run=True)
    said = capsys.readouterr().out
    counts = (
        "people: 0, media: 0, readings: 0, messages: 0, misconduct: 0, referrals: 0, tables: 0, sessions: 0, audit: 1"
    )
    assert counts in said
    assert "nothing was erased" in said
    assert acts(old_act) == ["old"]


def test_otherwise_it_goes(old_act: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    retention.run(old_act, dry_run=False)
    assert "audit: 1" in capsys.readouterr().out
    assert acts(old_act) == ["retention.applied"]


def test_settings_shorten_the_time(fresh: Settings) -> None:
    shorter = fresh.model_copy(update={"keep_audit_days": 3})
    assert {rule.what: rule.days for rule in retention.rules(shorter)}["audit"] == 3
