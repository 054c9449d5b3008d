"""The one database: its declarative base, naming and sessions (PostgreSQL through psycopg)."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import DateTime, MetaData
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from infrastructure.vault import Sealed

Sessions = async_sessionmaker[AsyncSession]


class Base(DeclarativeBase):
    """Every table of ours; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        dict[str, str]: JSONB,
        list[str]: JSONB,
    }


class Canary(Base):
    """One sealed row: whoever can read it has the secret that this database was sealed with."""

    __tablename__ = "canary"

    id: Mapped[int] = mapped_column(primary_key=True)
    song: Mapped[str] = mapped_column(Sealed)


def sqlalchemy_url(url: str) -> str:
    """The same database for SQLAlchemy: whatever scheme the operator wrote, the driver is psycopg 3."""
    return "postgresql+psycopg://" + url.split("://", 1)[1]


def connect(url: str) -> tuple[AsyncEngine, Sessions]:
    """An engine and its session factory. Objects stay readable after commit: nothing reloads behind an await."""
    engine = create_async_engine(
        sqlalchemy_url(url),
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=10,
        # An error would quote them, numbers and words before they are sealed.
        hide_parameters=True,
    )
    return engine, async_sessionmaker(engine, expire_on_commit=False)
