"""Governorates and districts as tables name them: by p-code, or by a name in Arabic, English or Kurdish."""

import csv
from collections.abc import Iterable, Mapping
from math import cos, radians
from typing import Any, NamedTuple

from directory.places import FAR_KM, PLACES, kilometres
from orthography.folding import fold

_SPELLINGS = PLACES.with_name("spellings.tsv")
# How much nearer another governorate must be to be meant: districts have no outlines here, only their middles.
MARGIN_KM = 25
# «محافظة» and the article are written or not.
_KINDS = frozenset(fold("محافظة قضاء مدينة ناحية governorate province district city").split())
_ARTICLES = frozenset({"al", "el"})


class UnknownPlace(ValueError):
    """A name that is no governorate or district."""


class AmbiguousPlace(ValueError):
    """A name of several places: their codes."""


class _Place(NamedTuple):
    parent: str | None
    names: Mapping[str, str]
    latitude: float
    longitude: float


class Places:
    """The governorates and districts (rows of `places.read_places`), by name and by where they are."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._places = {
            row["code"]: _Place(row["parent"], row["name"], row["latitude"], row["longitude"]) for row in rows
        }
        self._districts = [(code, place) for code, place in self._places.items() if place.parent]
        self._named: dict[str, set[str]] = {}
        for code, place in self._places.items():
            for name in place.names.values():
                self._named.setdefault(_bare(name), set()).add(code)
        # Other spellings, towns and camps, where no governorate or district has that name.
        with _SPELLINGS.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                self._named.setdefault(_bare(row["spelling"]), {row["code"]})
        self.parents = {code: place.parent for code, place in self._places.items()}

    def governorate(self, name: str) -> str:
        """The governorate of a code or name; UnknownPlace."""
        return self._one(name, {code for code in self._of(name) if self.parents[code] is None})

    def district(self, name: str, governorate: str | None) -> str:
        """The district of a code or name, or the governorate if it is one's; UnknownPlace or AmbiguousPlace.

        Where a governorate and its district have one name, which is meant shows only if the governorate is said, too.
        """
        found = self._of(name)
        if governorate and len(found) > 1:
            found = {code for code in found if self.parents[code]} or found
        return self._one(name, found)

    def any(self, name: str) -> str:
        """The place of a code or name; UnknownPlace or AmbiguousPlace."""
        return self._one(name, self._of(name))

    def governorate_of(self, code: str) -> str | None:
        """The governorate that a place is in, or is; None for an unknown code."""
        return (self.parents[code] or code) if code in self.parents else None

    def name(self, code: str, language: str) -> str:
        """A place's name; empty for an unknown code."""
        return self._places[code].names[language] if code in self._places else ""

    def far_off(self, code: str, latitude: float, longitude: float) -> str | None:
        """The district that a point is nearest to, if the point can't be in a place's governorate; else None."""
        governorate = self.governorate_of(code)
        (nearest, km), (_, own_km) = self._nearest(latitude, longitude), self._nearest(latitude, longitude, governorate)
        return nearest if own_km > km + MARGIN_KM or own_km > FAR_KM else None

    def _nearest(self, latitude: float, longitude: float, governorate: str | None = None) -> tuple[str, float]:
        """The district whose middle is nearest, of all or of a governorate's, and how many kilometres away it is."""
        east = cos(radians(latitude))
        _, code = min(
            ((place.latitude - latitude) ** 2 + ((place.longitude - longitude) * east) ** 2, code)
            for code, place in self._districts
            if governorate is None or place.parent == governorate
        )
        place = self._places[code]
        return code, kilometres(latitude, longitude, place.latitude, place.longitude)

    def _of(self, name: str) -> set[str]:
        code = name.strip().upper()
        return {code} if code in self._places else self._named.get(_bare(name), set())

    def _one(self, name: str, found: set[str]) -> str:
        if not found:
            raise UnknownPlace(name.strip())
        if len(found) > 1:
            raise AmbiguousPlace(", ".join(sorted(found)))
        return next(iter(found))


def _bare(name: str) -> str:
    """A name as it is looked up: folded, without the words that some put before it."""
    words = fold(name).split()
    proper = [word for word in words if word not in _KINDS] or words
    if proper and proper[0] in _ARTICLES and len(proper) > 1:
        proper = proper[1:]
    return " ".join([proper[0].removeprefix("ال"), *proper[1:]]) if proper else ""
