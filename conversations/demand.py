"""What people asked for, and where: counted in people, and told in steps that give none of them away.

Where few live or few ask, a count can point at somebody, above all beside another count: last month's, a neighbour's, a
total. So counts are of people, rounded down to steps of five, and under five they say only that; what somebody in
danger disclosed is never counted; and needs that tell of violence are told for all of Iraq, never by place, and not at
all under five.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# The last so many days. A free choice would tell, by the difference of two periods, what was asked on a single day.
PERIODS = (30, 90, 365)
STEP = 5
IN_ALL_OF_IRAQ_ONLY = ("gbv", "counter_trafficking", "child_protection")
# What a question is about where it names no need by itself.
IMPLIED_NEED = {"ask_document": "documentation", "ask_property": "hlp", "ask_return": "return"}
# After these the bot looked into the directory; `cancel` makes it forget need and place.
SEARCHES = ("find_service", "give_location", "service_detail", "more_results", *IMPLIED_NEED)
FORGETS = "cancel"


@dataclass(frozen=True)
class Asked:
    """How many people asked for a need in a governorate, or (None) anywhere in Iraq, with a place or without one."""

    need: str
    governorate: str | None
    # Rounded down to steps of five; 0: fewer than five.
    people: int


async def asked(session: AsyncSession, days: int) -> list[Asked]:
    """What people asked for in the last days (one of PERIODS, else ValueError), the most first.

    A need and a place hold until the next is named, as the bot takes them; what staff corrected counts as they said. A
    district counts for its governorate. The place of a pin isn't known here: it counts for Iraq only.
    """
    if days not in PERIODS:
        raise ValueError(f"a period is one of {PERIODS} days")
    given = {
        "since": datetime.now(UTC) - timedelta(days),
        "searches": [*SEARCHES, FORGETS],
        "forgets": FORGETS,
        "implied": json.dumps({intent: [need] for intent, need in IMPLIED_NEED.items()} | {FORGETS: []}),
    }
    rows = await session.execute(_PEOPLE, given)
    # Sorted by what is told: the order of what is not would tell it.
    told = [one for need, place, people in rows if (one := _told(need, place, people))]
    return sorted(told, key=lambda one: (-one.people, one.need, one.governorate or ""))


def _told(need: str, governorate: str | None, people: int) -> Asked | None:
    """A count as it may be told; None: not at all."""
    told = Asked(need, governorate, people - people % STEP)
    hidden = need in IN_ALL_OF_IRAQ_ONLY and (governorate or not told.people)
    return None if hidden else told


_PEOPLE = text("""
with read as (
  select address.person_id, message.conversation_id, message.position, turn.entities -> 'place' ->> 0 as place,
    coalesce(correction.intent, turn.intent) as intent, coalesce(correction.entities, turn.entities) -> 'need' as needs
  from turn
  join message on message.id = turn.message_id
  join conversation on conversation.id = message.conversation_id
  join address on address.id = conversation.address_id
  left join correction on correction.message_id = turn.message_id
  where turn.created_at > :since and (turn.sure or correction.message_id is not null)
),
-- Null is what a message leaves as it was; empty is what it made the bot forget. A district's code begins with its
-- governorate's.
said as (
  select person_id, conversation_id, position,
    case when intent = :forgets then '' else left(place, 5) end as governorate,
    coalesce(nullif(needs, '[]'), cast(:implied as jsonb) -> intent) as needs
  from read where intent = any(:searches)
),
numbered as (
  select *, count(needs) over so_far as nth_needs, count(governorate) over so_far as nth_place
  from said window so_far as (partition by conversation_id order by position)
),
carried as (
  select person_id,
    first_value(needs) over (partition by conversation_id, nth_needs order by position) as needs,
    first_value(governorate) over (partition by conversation_id, nth_place order by position) as governorate
  from numbered
)
select need, governorate, count(distinct person_id)
from (select person_id, jsonb_array_elements_text(needs) as need, nullif(governorate, '') as governorate from carried)
group by grouping sets ((need), (need, governorate)) having grouping(governorate) = 1 or governorate is not null
""")
