"""The migrations say what the models say."""

from alembic import command
from sqlalchemy import text

from daleel import database
from infrastructure.resources import Resources

VERSION = text("select version_num from alembic_version")


def test_nothing_is_left_to_migrate(database_url: str) -> None:
    checked: list[None] = []
    # Raises with the list of differences, if there are any.
    database.with_alembic(database_url, lambda config: checked.append(command.check(config)))
    assert checked == [None]


async def test_migrating_again_changes_nothing(database_url: str, resources: Resources) -> None:
    async with resources.sessions() as session:
        before = await session.scalar(VERSION)
        database.migrate(database_url)
        assert await session.scalar(VERSION) == before == "0011"
