"""Which entries may be the same thing entered twice: pairs to look at, and what is like an entry being written."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Float, and_, delete, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from directory import likeness, records
from directory.likeness import ALIKE, SERVICES_ALIKE, SUSPICIOUS, Likeness
from directory.models import Entry, NotDuplicate
from directory.records import Kind, Location, Organization, Record, Service
from infrastructure import audit

# How many entries are looked at to find those most like one.
CANDIDATES = 50
# More pairs than anybody looks through at a sitting; the next come when these are dealt with.
MOST = 300
# A contact, or a point on the map, that more share tells nothing: a town's middle, a network's common address.
SHARED_BY = 10
# A beginning of a word that so many have in one block is what all there is called: "distribution point".
CROWD = 200
# A little more than `likeness.NEAR_METRES`, in degrees, wherever in Iraq.
CELL = 0.0006


@dataclass(frozen=True)
class Pair:
    """Two published entries of a kind that may be the same; the first has the smaller id."""

    first: Record
    second: Record
    likeness: Likeness


@dataclass(frozen=True)
class Similar:
    """A published entry that may be the same as one that is being written."""

    record: Record
    likeness: Likeness


async def pairs(session: AsyncSession, kind: Kind, *, demo: bool) -> list[Pair]:
    """Pairs of published organizations, locations or services that may be the same, the likeliest first.

    Those of which somebody said that they aren't are left out, demo entries too unless `demo`.
    """
    given = {"kind": kind, "demo": demo, "alike": SERVICES_ALIKE if kind == "service" else ALIKE, "most": MOST}
    given |= {"shared_by": SHARED_BY, "crowd": CROWD, "cell": CELL, "number_end": likeness.NUMBER_END}
    rows = (await session.execute(_PAIRS[kind], given)).all()
    found = await _records(session, {one for row in rows for one in (row.first, row.second)})
    judged = [
        Pair(found[row.first], found[row.second], likeness.likeness(found[row.first], found[row.second], row.alike))
        for row in rows
    ]
    likely = [pair for pair in judged if pair.likeness.score >= SUSPICIOUS]
    return sorted(likely, key=lambda pair: (-pair.likeness.score, pair.first.id, pair.second.id))


async def similar(session: AsyncSession, record: Record, *, demo: bool, limit: int = 3) -> list[Similar]:
    """The published entries of a record's kind that are likeliest the same, a few; not the record's own entry."""
    arabic, english = likeness.known_by(record)
    await session.execute(select(func.set_config("pg_trgm.similarity_threshold", str(SERVICES_ALIKE), True)))
    conditions = [*_contacts(record)]
    if arabic:
        conditions.append(Entry.folded_ar.op("%")(arabic))
    if english:
        conditions.append(Entry.folded_en.op("%")(english))
    if not conditions:
        return []
    alike = func.greatest(func.similarity(Entry.folded_ar, arabic), func.similarity(Entry.folded_en, english))
    query = select(Entry.kind, Entry.document, alike).where(Entry.status == "published", or_(*conditions))
    query = query.where(Entry.kind == records.kind_of(record), Entry.id != record.id)
    if not demo:
        query = query.where(Entry.document["is_demo"].astext == "false")
    rows = await session.execute(query.order_by(alike.desc(), Entry.id).limit(CANDIDATES))
    others = [(records.read(kind, document), score) for kind, document, score in rows]
    found = [Similar(other, likeness.likeness(record, other, score)) for other, score in others]
    likely = [one for one in found if one.likeness.score >= SUSPICIOUS]
    return sorted(likely, key=lambda one: (-one.likeness.score, one.record.id))[:limit]


async def set_apart(session: AsyncSession, one: UUID, other: UUID, *, by: UUID) -> None:
    """Keep that two entries aren't the same; safe to repeat. The caller commits."""
    first, second = sorted((one, other))
    kept = await session.execute(
        insert(NotDuplicate)
        .values(first_id=first, second_id=second, said_by=by)
        .on_conflict_do_nothing()
        .returning(NotDuplicate.first_id)
    )
    if kept.scalar() is not None:
        audit.record(session, by, "entry.not_duplicate", first, other=str(second))


async def put_back(session: AsyncSession, one: UUID, other: UUID, *, by: UUID) -> None:
    """Forget that two entries aren't the same; safe to repeat. The caller commits."""
    first, second = sorted((one, other))
    apart = (NotDuplicate.first_id == first) & (NotDuplicate.second_id == second)
    gone = await session.execute(delete(NotDuplicate).where(apart).returning(NotDuplicate.first_id))
    if gone.scalar() is not None:
        audit.record(session, by, "entry.may_be_duplicate", first, other=str(second))


def _contacts(record: Record) -> list[ColumnElement[bool]]:
    """What makes another entry a candidate whatever it is called."""
    if isinstance(record, Organization):
        fields = {"website": record.website, "email": record.email}
        return [Entry.document.contains({field: value}) for field, value in fields.items() if value]
    if isinstance(record, Service):
        found = {phone.number for at in record.at for phone in at.phones}
        return [Entry.document.contains({"at": [{"phones": [{"number": number}]}]}) for number in sorted(found)]
    if isinstance(record, Location) and record.latitude is not None and record.longitude is not None:
        here = {"latitude": record.latitude, "longitude": record.longitude}
        close = (func.abs(Entry.document[field].astext.cast(Float) - value) < CELL for field, value in here.items())
        return [and_(Entry.document.contains({"place": record.place}), *close)]
    return []


async def _records(session: AsyncSession, ids: set[UUID]) -> Mapping[UUID, Record]:
    rows = await session.execute(select(Entry.id, Entry.kind, Entry.document).where(Entry.id.in_(ids)))
    return {entry: records.read(kind, document) for entry, kind, document in rows}


# Two entries are compared only if they share a word, by its beginning, that is among the two of their names which
# fewest others have, and are in the same block: comparing all with all would take minutes.
_NAMES = """
with published as (
  select id, document, folded_ar, folded_en from entry
  where kind = :kind and status = 'published' and (:demo or document ->> 'is_demo' = 'false')
),
block as materialized ({block}),
named as (select id, name from published, unnest(array[folded_ar, folded_en]) as name where name <> ''),
begun as (select distinct id, name, left(word, 4) as word from named, string_to_table(name, ' ') as word),
counted as (select *, count(*) over (partition by word) as seen from begun),
ranked as (select *, row_number() over (partition by id, name order by seen, word) as nth from counted),
keyed as (
  select id, name, word, block, count(*) over (partition by block, word) as crowd
  from ranked join block using (id) where nth <= 2
),
few as materialized (select * from keyed where crowd between 2 and :crowd),
alike as (
  select one.id as first, other.id as second, max(similarity(one.name, other.name)) as alike
  from few as one join few as other on one.word = other.word and one.block = other.block and one.id < other.id
  group by one.id, other.id having max(similarity(one.name, other.name)) >= :alike
),
{others}
found as (select * from alike union all select first, second, 0 from others)
select first, second, max(alike) as alike from found
where not exists (select from not_duplicate where first_id = first and second_id = second)
group by first, second order by max(alike) desc, first, second limit :most
"""
_ALL = "select id, '' as block from published"
_CONTACTS = r"""
contact as (
  select id, value, count(*) over (partition by value) as seen
  from published, unnest(array[
    regexp_replace(lower(document ->> 'website'), '^https?://(www\.)?|/$', '', 'g'), lower(document ->> 'email')
  ]) as value where value <> ''
),
others as (
  select one.id as first, other.id as second from contact as one
  join contact as other on one.value = other.value and one.id < other.id where one.seen <= :shared_by
),
"""
_PLACE = "select id, document ->> 'place' as block from published"
_NEAR = """
point as (
  select id, latitude, longitude, count(*) over (partition by latitude, longitude) as seen
  from published, cast(document ->> 'latitude' as float) as latitude,
    cast(document ->> 'longitude' as float) as longitude
  where latitude is not null and longitude is not null
),
cell as (
  select id, latitude, longitude, floor(latitude / :cell) as row, floor(longitude / :cell) as col
  from point where seen <= :shared_by
),
others as (
  select one.id as first, other.id as second
  from cell as one, generate_series(-1, 1) as north, generate_series(-1, 1) as east, cell as other
  where other.row = one.row + north and other.col = one.col + east and one.id < other.id
),
"""
# Of one organization in one place, at one location, or behind one number.
_SHARED = r"""
select distinct published.id, block from published
cross join jsonb_array_elements(document -> 'at') as at
join entry as location on location.id = cast(at ->> 'location_id' as uuid)
left join jsonb_array_elements(at -> 'phones') as phone on true
cross join unnest(array[
  (published.document ->> 'organization_id') || (location.document ->> 'place'), at ->> 'location_id',
  right(regexp_replace(phone ->> 'number', '\D', '', 'g'), :number_end)
]) as block where block is not null
"""
_NONE = "others as (select id as first, id as second from published where false),"
_PAIRS = {
    "organization": text(_NAMES.format(block=_ALL, others=_CONTACTS)),
    "location": text(_NAMES.format(block=_PLACE, others=_NEAR)),
    "service": text(_NAMES.format(block=_SHARED, others=_NONE)),
}
