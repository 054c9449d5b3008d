"""The demo directory: readable YAML in demo/, loaded under the same ids each time."""

from collections.abc import Iterator
from datetime import time
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_DNS, UUID, uuid5

import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from directory.models import Location, Organization, Phone, Schedule, Service, ServiceAtLocation, ServiceNeed
from directory.needs import NEEDS

DEMO = Path(__file__).parent / "demo"
IDS = uuid5(NAMESPACE_DNS, "demo.daleel.example")
# +44 7700 900000 to 900999 is kept free for fiction (Ofcom; see demo/README.md).
FICTION = "+447700900"
FICTION_NUMBERS = 1000

Row = Organization | Service | Location | ServiceAtLocation


async def load_demo(session: AsyncSession) -> None:
    """Bring the demo rows up to the files: safe to repeat, touches no other row; places must be there.

    The caller commits. A service with an unknown need or location is a ValueError.
    """
    for row in demo_rows():
        await session.merge(row)


def demo_rows() -> Iterator[Row]:
    """All rows of the demo directory, each after the rows it points to."""
    locations = yaml.safe_load((DEMO / "locations.yml").read_text("utf-8"))
    for key, location in locations.items():
        address = {"ar": location["ar"], "en": location["en"]}
        yield Location(id=_id(key), place_code=location["place"], address=address, is_demo=True)
    numbers = iter(range(FICTION_NUMBERS))
    for file in sorted(DEMO.glob("*.yml")):
        if file.name != "locations.yml":
            content = yaml.safe_load(file.read_text("utf-8"))
            yield from _organization(content, set(locations), numbers)


def _organization(content: dict[str, Any], locations: set[str], numbers: Iterator[int]) -> Iterator[Row]:
    organization = content["organization"]
    key = organization["key"]
    yield Organization(id=_id(key), name={"ar": organization["ar"], "en": organization["en"]}, is_demo=True)
    for service in content["services"]:
        path = f"{key}/{service['key']}"
        yield _service(path, service, _id(key))
        for place in service.get("call_first", []):
            yield Location(id=_id(place), place_code=place, address=None, is_demo=True)
            yield _at(path, place, service, next(numbers))
        for location in service.get("at", []):
            if location not in locations:
                raise ValueError(f"{path} is at an unknown location: {location}")
            yield _at(path, location, service, next(numbers))


def _service(path: str, service: dict[str, Any], organization_id: UUID) -> Service:
    if unknown := set(service["needs"]) - set(NEEDS):
        raise ValueError(f"{path} has unknown needs: {sorted(unknown)}")
    return Service(
        id=_id(path),
        organization_id=organization_id,
        name={language: service[language]["name"] for language in ("ar", "en")},
        summary={language: service[language]["summary"] for language in ("ar", "en")},
        status="published",
        assured_date=service["assured"],
        is_demo=True,
        needs=[ServiceNeed(service_id=_id(path), need=need) for need in service["needs"]],
    )


def _at(path: str, location: str, service: dict[str, Any], number: int) -> ServiceAtLocation:
    at = f"{path}@{location}"
    return ServiceAtLocation(
        id=_id(at),
        service_id=_id(path),
        location_id=_id(location),
        phones=[Phone(id=_id(f"{at}/phone"), number=f"{FICTION}{number:03}", is_demo=True)],
        schedules=[
            Schedule(
                id=_id(f"{at}/hours/{n}"),
                byday=hours["days"],
                opens_at=time.fromisoformat(hours["opens"]),
                closes_at=time.fromisoformat(hours["closes"]),
            )
            for n, hours in enumerate(service["hours"])
        ],
    )


def _id(path: str) -> UUID:
    return uuid5(IDS, path)
