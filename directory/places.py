"""Governorates and districts: read from data/places.tsv into the database, and their names."""

import csv
from collections.abc import Iterable, Mapping
from functools import cache
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from directory.models import Place

# Farther than this from every district: another country or deep desert. We ask instead of guessing.
FAR_KM = 150
# Where Iraq is, roughly (degrees, WGS 84): what lies outside is a typing error.
LATITUDES, LONGITUDES = (29.0, 37.4), (38.7, 48.6)

PLACES = Path(__file__).parent / "data" / "places.tsv"
LANGUAGES = ("ar", "en", "ckb", "kmr")


def read_places(path: Path = PLACES) -> list[dict[str, Any]]:
    """The rows of the file in the shape of `Place`, governorates before their districts."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [
            {
                "code": row["code"],
                "level": row["level"],
                "parent": row["parent"] or None,
                "name": {language: row[f"name_{language}"] for language in LANGUAGES if row[f"name_{language}"]},
                "latitude": float(row["latitude"]),
                "longitude": float(row["longitude"]),
            }
            for row in csv.DictReader(file, delimiter="\t")
        ]
    return sorted(rows, key=lambda row: row["parent"] is not None)


async def load_places(session: AsyncSession) -> None:
    """Bring the place table up to the file: safe to repeat; the caller commits."""
    new = insert(Place)
    columns = ("level", "parent", "name", "latitude", "longitude")
    changed = {column: new.excluded[column] for column in columns}
    await session.execute(new.on_conflict_do_update(index_elements=["code"], set_=changed), read_places())


@cache
def gazetteer() -> Mapping[str, Place]:
    """All places by their codes, from the file that every start brings into the database: no answer waits for it."""
    return {row["code"]: Place(**row) for row in read_places()}


def place_name(code: str, language: str) -> str:
    """A place's name in a language. An unknown code is a ValueError."""
    return find_place(code).name[language]


def find_place(code: str) -> Place:
    """The place of a code. An unknown code is a ValueError."""
    place = gazetteer().get(code)
    if place is None:
        raise ValueError(f"unknown place: {code!r}")
    return place


def nearest_district(latitude: float, longitude: float) -> str | None:
    """The district whose middle is nearest to a point (degrees, WGS 84); None when all are over FAR_KM away.

    Districts have no outlines here, so near a border it may name the neighbour; an answer names its place.
    """
    districts = (place for place in gazetteer().values() if place.level == "district")
    return nearest(districts, latitude, longitude)


def nearest(districts: Iterable[Place], latitude: float, longitude: float) -> str | None:
    """As `nearest_district`, of districts that were read already."""
    distances = {one.code: kilometres(latitude, longitude, one.latitude, one.longitude) for one in districts}
    found = min(distances, key=distances.__getitem__, default=None)
    return found if found and distances[found] <= FAR_KM else None


def kilometres(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """The distance between two points on the ground (haversine, a round earth of 6,371 km)."""
    phi, other_phi = radians(latitude), radians(other_latitude)
    half_chord = (
        sin((other_phi - phi) / 2) ** 2 + cos(phi) * cos(other_phi) * sin(radians(other_longitude - longitude) / 2) ** 2
    )
    return 2 * 6371 * asin(sqrt(half_chord))
