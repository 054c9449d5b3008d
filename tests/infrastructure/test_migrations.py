"""The migrations say what the models say."""

from alembic import command

from daleel import database


def test_nothing_is_left_to_migrate(database_url: str) -> None:
    database.with_alembic(database_url, command.check)


def test_migrating_again_changes_nothing(database_url: str) -> None:
    database.migrate(database_url)
