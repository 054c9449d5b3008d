"""How long an assurance is believed: what is said of help for somebody in danger ages faster than a market's hours.

A service that was last assured longer ago than its needs allow is due: its keeper is asked. Until twice as long ago the
bot still says it, with the month it was checked; after that no longer.
"""

from collections.abc import Sequence
from datetime import date, timedelta

# Days until a service is due, by need; the shortest of its needs counts.
DUE_DAYS = 120
DUE_DAYS_OF = {
    "gbv": 60,
    "counter_trafficking": 60,
    "child_protection": 60,
    "mhpss": 90,
    "health": 90,
    "maternal_child_health": 90,
    "cash": 60,
    "food": 60,
    "shelter": 90,
    "household_items": 60,
    "hygiene_kits": 60,
    "camp_services": 90,
}
SHOWN_FACTOR = 2


def due_days(needs: Sequence[str]) -> int:
    """After how many days a service for these needs must be assured again."""
    return min((DUE_DAYS_OF.get(need, DUE_DAYS) for need in needs), default=DUE_DAYS)


def due_after(needs: Sequence[str], assured: date | None) -> date | None:
    """The last day on which nobody has to check it; None for what nobody ever assured: it is due."""
    return assured + timedelta(due_days(needs)) if assured else None


def is_due(needs: Sequence[str], assured: date | None, today: date) -> bool:
    """Whether somebody has to check it; what nobody ever assured is due."""
    last = due_after(needs, assured)
    return last is None or today > last


def last_shown(needs: Sequence[str], assured: date | None) -> date | None:
    """The last day on which the bot says it; None for what nobody ever assured: it is never said."""
    return assured + timedelta(due_days(needs) * SHOWN_FACTOR) if assured else None
