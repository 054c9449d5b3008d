"""Failure scripts: what goes wrong next, how often, and for whom."""

from typing import Literal

from pydantic import BaseModel, Field

from channels.emulator.phone_json import PhoneNumber


class Fault(BaseModel):
    """One thing that will go wrong `times` times (counted in messages), for everybody or for one phone.

    send: what the Messages API answers. `status` and `code` refuse the message (500 and 20500 unless given);
    `accept_then_drop` accepts and delivers it but answers with that error; `delay_ms` alone answers late.
    callback: what becomes of an accepted message. `then_status` with `code` ends its way (also with "send");
    `duplicate`, `reorder` and `drop` spoil its callbacks; `delay_ms` slows each step.
    webhook: what becomes of an inbound message. `drop` never reaches the product, `duplicate` reaches it
    twice, `delay_ms` holds it back.
    """

    where: Literal["send", "callback", "webhook"]
    times: int = Field(default=1, ge=1, le=1_000_000)
    to: PhoneNumber | None = None
    status: int | None = Field(default=None, ge=400, le=599)
    code: int | None = Field(default=None, ge=1, le=99_999)
    delay_ms: int = Field(default=0, ge=0, le=600_000)
    then_status: Literal["undelivered", "failed"] | None = None
    effect: Literal["accept_then_drop", "duplicate", "reorder", "drop"] | None = None

    @property
    def refuses(self) -> bool:
        """Whether the Messages API turns the message down."""
        only_late = self.delay_ms > 0 and self.status is None and self.code is None
        return self.effect is None and self.then_status is None and not only_late
