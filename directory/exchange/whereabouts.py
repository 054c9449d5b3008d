"""Which of our places an HSDS location is in: by its p-code, else by its coordinates, else by the names it gives."""

from collections.abc import Iterable, Iterator
from functools import cache

from directory.exchange import hsds
from directory.exchange.hsds_report import Findings
from directory.exchange.hsds_report import Place as Where
from directory.exchange.incoming_parts import spoken
from directory.models import Place
from directory.places import PLACES, nearest
from orthography.folding import words
from orthography.lexicon import Lexicon


class Whereabouts:
    """Our places, and how people spell them."""

    def __init__(self, places: Iterable[Place]) -> None:
        self.places = {place.code: place for place in places}
        self._districts = [place for place in self.places.values() if place.parent]

    def of(self, said: hsds.Location, where: Where, findings: Findings) -> str:
        """The code of the place of a location; empty if nothing says it, which a draft may be."""
        point = None
        if said.latitude is not None and said.longitude is not None:
            point = nearest(self._districts, said.latitude, said.longitude)
        if said.external_identifier:
            if point and self.governorate(point) != self.governorate(said.external_identifier):
                there = self.places[point].name["en"]
                told = f"is nearest to {there}, which is not in {self._named(said.external_identifier)}: look at it"
                findings.notice((*where, "latitude"), "elsewhere", told, about=str(said.id))
            return said.external_identifier
        found = point or self._by_name(said)
        if not found:
            told = "is in no place we know: it needs a p-code, coordinates or the name of a district"
            findings.notice(where, "unknown_place", told)
        return found or ""

    def governorate(self, code: str) -> str:
        """The governorate of a place."""
        return self.places[code].parent or code

    def named(self, text: str) -> str | None:
        """The place that a text names, in any of its spellings; None for none or several."""
        codes = set(self._named_in([text]))
        return codes.pop() if len(codes) == 1 else None

    def _by_name(self, said: hsds.Location) -> str | None:
        """A district named as the city, if it is in the named governorate; the governorate if no city is named."""
        cities = set(self._named_in(text for one in said.addresses for text in _said(one, "city", "region")))
        states = set(self._named_in(text for one in said.addresses for text in _said(one, "state_province")))
        governorates = {self.governorate(code) for code in states}
        if cities and governorates:
            cities = {code for code in cities if self.governorate(code) in governorates}
            governorates = set()
        districts = {code for code in cities if self.places[code].parent}
        codes = districts or cities or governorates
        return codes.pop() if len(codes) == 1 else None

    def _named_in(self, texts: Iterable[str]) -> Iterator[str]:
        for text in texts:
            codes = [match.code for match in _spellings().matches(list(words(text)))]
            yield from (code for code in codes if code in self.places)

    def _named(self, code: str) -> str:
        return self.places[code].name["en"]


def _said(address: hsds.Address, *fields: str) -> Iterator[str]:
    for field in fields:
        yield from spoken(address, field).values()


@cache
def _spellings() -> Lexicon:
    return Lexicon.read(PLACES.parent / "spellings.tsv")
