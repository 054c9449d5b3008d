"""A database of a test's own."""

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text

from daleel import database
from infrastructure.database import sqlalchemy_url
from infrastructure.settings import Settings


@pytest.fixture
def fresh(settings: Settings) -> Iterator[Settings]:
    """Settings with a migrated database of this test's own."""
    url = settings.required("database_url")
    engine = create_engine(sqlalchemy_url(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("create database fresh"))
        own = url.replace("/daleel?", "/fresh?")
        database.migrate(own)
        yield settings.model_copy(update={"database_url": own})
        connection.execute(text("drop database fresh with (force)"))
    engine.dispose()
