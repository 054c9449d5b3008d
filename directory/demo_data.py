"""The demo directory: readable YAML in demo/, loaded under the same ids each time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_DNS, UUID, uuid5

import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from directory import publishing
from directory.needs import CONFIDENTIAL, NEEDS
from directory.records import At, Hours, Location, Organization, PhoneNumber, Record, Service, Words

DEMO = Path(__file__).parent / "demo"
IDS = uuid5(NAMESPACE_DNS, "demo.daleel.example")
# +44 7700 900000 to 900999 is kept free for fiction (Ofcom; see demo/README.md).
FICTION = "+447700900"
FICTION_NUMBERS = 1000


async def load_demo(session: AsyncSession) -> None:
    """Bring the demo entries up to the files: safe to repeat, touches no other entry; places must be there.

    The caller commits. A service with an unknown need or location is a ValueError.
    """
    for record in demo_records():
        await publishing.published(session, record)


def demo_records() -> Iterator[Record]:
    """All of the demo directory, each record after those it points to."""
    locations = yaml.safe_load((DEMO / "locations.yml").read_text("utf-8"))
    for key, location in locations.items():
        address = Words(ar=location["ar"], en=location["en"])
        yield Location(id=_id(key), place=location["place"], address=address, is_demo=True)
    numbers = iter(range(FICTION_NUMBERS))
    for file in sorted(DEMO.glob("*.yml")):
        if file.name != "locations.yml":
            content = yaml.safe_load(file.read_text("utf-8"))
            yield from _organization(content, set(locations), numbers)


def _organization(content: dict[str, Any], locations: set[str], numbers: Iterator[int]) -> Iterator[Record]:
    organization = content["organization"]
    key = organization["key"]
    yield Organization(id=_id(key), name=Words(ar=organization["ar"], en=organization["en"]), is_demo=True)
    for service in content["services"]:
        path = f"{key}/{service['key']}"
        confidential = not CONFIDENTIAL.isdisjoint(service["needs"])
        for place in service.get("call_first", []):
            yield Location(id=_id(f"{path}@{place}"), place=place, is_confidential=confidential, is_demo=True)
        if unknown := set(service.get("at", [])) - locations:
            raise ValueError(f"{path} is at unknown locations: {sorted(unknown)}")
        yield _service(path, service, _id(key), numbers)


def _service(path: str, service: dict[str, Any], organization_id: UUID, numbers: Iterator[int]) -> Service:
    if unknown := set(service["needs"]) - set(NEEDS):
        raise ValueError(f"{path} has unknown needs: {sorted(unknown)}")
    hours = [
        Hours(byday=one["days"].split(","), opens_at=one["opens"], closes_at=one["closes"]) for one in service["hours"]
    ]
    locations = [_id(f"{path}@{place}") for place in service.get("call_first", [])] + [
        _id(location) for location in service.get("at", [])
    ]
    return Service(
        id=_id(path),
        organization_id=organization_id,
        name=Words(**{language: service[language]["name"] for language in ("ar", "en")}),
        summary=Words(**{language: service[language]["summary"] for language in ("ar", "en")}),
        needs=service["needs"],
        assured_date=service["assured"],
        is_demo=True,
        at=[At(location_id=one, phones=[_phone(next(numbers))], schedules=hours) for one in locations],
    )


def _phone(number: int) -> PhoneNumber:
    return PhoneNumber(number=f"{FICTION}{number:03}", is_demo=True)


def _id(path: str) -> UUID:
    return uuid5(IDS, path)
