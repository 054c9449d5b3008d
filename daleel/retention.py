"""What is kept of people, put together from every package: for erasure, and for the rules of how long."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

import console.retention
import conversations.retention
import directory.retention
import referrals.erasure
from conversations.erasure import Holding
from daleel.staff import reachable
from infrastructure import database, retention, vault
from infrastructure.retention import Rule
from infrastructure.settings import Settings
from referrals.lifecycle import PERSON, SYSTEM, Mover


def _holdings(by: Mover) -> Sequence[Holding]:
    """What packages that `conversations` can't import keep of people: they add theirs here."""
    return (Holding(partial(referrals.erasure.erase_person, by=by), referrals.erasure.under_way()),)


# Of those who asked to be erased, and of those who have been silent for long.
HOLDINGS, HOLDINGS_OF_THE_SILENT = _holdings(PERSON), _holdings(SYSTEM)


def rules(settings: Settings) -> list[Rule]:
    """Every rule, in the order in which they are applied."""
    return [
        *conversations.retention.rules(settings, HOLDINGS_OF_THE_SILENT),
        Rule("referrals", settings.keep_referrals_days, referrals.erasure.over_since, referrals.erasure.erase),
        *directory.retention.rules(settings),
        *console.retention.rules(),
        retention.of_the_log(settings.keep_audit_days),
    ]


def run(settings: Settings, *, dry_run: bool) -> None:
    """Let go now of what the next night would let go of, or only say what that is."""
    with reachable(settings) as url:
        vault.unlock(vault.master_secret(settings.configured_secret, settings.home))
        counts = asyncio.run(_run(settings, url, dry_run=dry_run))
    print(retention.told(counts))
    if dry_run:
        print("A dry run: nothing was erased.")


async def _run(settings: Settings, url: str, *, dry_run: bool) -> dict[str, int]:
    engine, sessions = database.connect(url)
    carry_out = retention.due if dry_run else retention.apply
    try:
        return await carry_out(sessions, rules(settings), datetime.now(UTC))
    finally:
        await engine.dispose()
