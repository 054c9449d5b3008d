"""Which of our needs a service of an HSDS file meets: ours by their code, other lists' terms as somebody says."""

from collections.abc import Iterator, Mapping

from directory.exchange import hsds
from directory.exchange.hsds_report import Findings, Place, shown
from directory.exchange.incoming_parts import spoken
from directory.exchange.outgoing import term_id
from directory.needs import NEEDS
from orthography.folding import fold


class Needs:
    """The needs of a file's services. `meanings`: a term's code, name or id -> our need, empty to leave it out."""

    def __init__(self, meanings: Mapping[str, str], findings: Findings) -> None:
        if unknown := sorted(set(meanings.values()) - {*NEEDS, ""}):
            raise ValueError(f"no needs of ours: {', '.join(unknown)}")
        self._meanings = {fold(term): need for term, need in meanings.items()}
        self._ours = {term_id(need): need for need in NEEDS}
        self._findings = findings

    def of(self, said: hsds.Service, place: Place) -> list[str]:
        """A service's needs; a term that means none is told once, with how often it is there."""
        found = []
        for number, attribute in enumerate(said.attributes):
            need = self._need(attribute)
            if need is None:
                called = _called(attribute)
                told = f"{called}: is none of our needs, it will be left out"
                self._findings.notice((*place, "attributes", number), "unknown_need", told, about=called)
            found.append(need)
        return list(dict.fromkeys(filter(None, found)))

    def _need(self, attribute: hsds.Attribute) -> str | None:
        term = attribute.taxonomy_term
        identity = term.id if term else attribute.taxonomy_term_id
        if identity in self._ours:
            return self._ours[identity]
        # Who names no list may mean ours; validation has refused an unknown code of the list that is called ours.
        if term and term.code in NEEDS and term.taxonomy in (None, hsds.NEEDS_TAXONOMY):
            return term.code
        return next((self._meanings[name] for name in map(fold, _names(attribute)) if name in self._meanings), None)


def _called(attribute: hsds.Attribute) -> str:
    """A term in a report: its name and code, or its id if the file says no more."""
    term = attribute.taxonomy_term
    told = (shown(one) for one in ((term.name, term.code) if term else _names(attribute)) if one)
    return " ".join(told)


def _names(attribute: hsds.Attribute) -> Iterator[str]:
    """All that a term may be called."""
    if term := attribute.taxonomy_term:
        yield from spoken(term, "name").values()
        yield from filter(None, (term.name, term.code, str(term.id)))
    yield str(attribute.taxonomy_term_id or attribute.value or attribute.id)
