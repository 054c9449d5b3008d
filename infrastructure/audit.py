"""Who did what, and when: every change that a member of staff makes to something others rely on."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from infrastructure.database import Base


class AuditRecord(Base):
    """One act. Records are only ever added, and go after years (infrastructure.retention); details hold codes and
    numbers, never what people wrote."""

    __tablename__ = "audit_record"
    __table_args__ = (Index(None, "subject_id", "id"), Index(None, "at"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    # None: not a member of staff (a provider's confirmation, a file that came with the installation).
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    # "<subject>.<what was done>", as "entry.published".
    action: Mapped[str]
    subject_id: Mapped[UUID | None]
    details: Mapped[dict[str, Any]]


def record(session: AsyncSession, actor: UUID | None, action: str, subject: UUID | None = None, **details: Any) -> None:
    """Add an act to the log, in the transaction of the act itself."""
    session.add(AuditRecord(actor_id=actor, action=action, subject_id=subject, details=details))
