"""A map of Iraq without tiles or a network: its outline (Natural Earth, from npm) and points where entries are."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from math import cos, radians, sqrt
from pathlib import Path
from typing import Any, NamedTuple

from directory.models import Place

COUNTRIES = Path(__file__).parents[2] / "node_modules" / "world-atlas" / "countries-50m.json"
# ISO 3166-1 numeric, the id of a country in the file.
IRAQ = "368"
# What the picture shows, in degrees, and how many of its units a degree of latitude takes.
WEST, NORTH, EAST, SOUTH = 38.5, 37.7, 48.9, 28.8
UNITS = 60.0
# A degree of longitude is shorter than one of latitude, here by this much.
NARROW = cos(radians((NORTH + SOUTH) / 2))
WIDTH, HEIGHT = round((EAST - WEST) * NARROW * UNITS), round((NORTH - SOUTH) * UNITS)


class Point(NamedTuple):
    """A place on the map with how many entries are there."""

    place: Place
    x: float
    y: float
    radius: float
    entries: int


def points(places: Iterable[Place], counts: Mapping[str, int]) -> list[Point]:
    """The places with entries, the fullest first, so that small ones lie on top; their area shows how many."""
    most = max(counts.values(), default=1)
    found = [_point(place, counts[place.code], most) for place in places if counts.get(place.code)]
    return sorted(found, key=lambda point: -point.entries)


def _point(place: Place, count: int, most: int) -> Point:
    x, y = project(place.longitude, place.latitude)
    return Point(place, x, y, round(6 + 14 * sqrt(count / most), 1), count)


def project(longitude: float, latitude: float) -> tuple[float, float]:
    """Where a point lies in the picture (equirectangular)."""
    return round((longitude - WEST) * NARROW * UNITS, 1), round((NORTH - latitude) * UNITS, 1)


@cache
def outline() -> str:
    """Iraq as the `d` of an SVG path. FileNotFoundError without what `npm ci` brings."""
    topology = json.loads(COUNTRIES.read_text("utf-8"))
    countries = topology["objects"]["countries"]["geometries"]
    iraq = next(country for country in countries if country.get("id") == IRAQ)
    polygons = iraq["arcs"] if iraq["type"] == "MultiPolygon" else [iraq["arcs"]]
    return " ".join(_ring(topology, ring) for polygon in polygons for ring in polygon)


def _ring(topology: Mapping[str, Any], arcs: Sequence[int]) -> str:
    positions = [position for arc in arcs for position in _arc(topology, arc)]
    return "M" + "L".join("{},{}".format(*project(*position)) for position in positions) + "Z"


def _arc(topology: Mapping[str, Any], number: int) -> list[tuple[float, float]]:
    """The positions of a TopoJSON arc: each is told by its distance from the one before; ~number is the way back."""
    (scale_x, scale_y), (move_x, move_y) = topology["transform"]["scale"], topology["transform"]["translate"]
    x = y = 0
    positions = []
    for dx, dy in topology["arcs"][number if number >= 0 else ~number]:
        x, y = x + dx, y + dy
        positions.append((x * scale_x + move_x, y * scale_y + move_y))
    return positions if number >= 0 else positions[::-1]
