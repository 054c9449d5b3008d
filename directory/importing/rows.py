"""The rows of an uploaded table, and what is found out about each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from directory.exchange.problems import Problem
from directory.exchange.sheet import Numbers, read_version
from directory.exchange.sheet_cells import Misread

# What becomes of a row, the gravest first.
OUTCOMES = ("error", "conflict", "new", "changed", "unchanged", "example")
ID_KEYS = {"service_id": "service", "location_id": "location", "organization_id": "organization"}


class Blocked(NamedTuple):
    """Why a row can't be taken although nothing is wrong in it, and because of which entry."""

    why: str
    entry: UUID
    kind: str
    author: UUID | None


class Problematic(Misread):
    """What keeps a row from being identified, and in which column."""

    def __init__(self, key: str, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.key = key


@dataclass(slots=True)
class Row:
    """A row: its cells by our columns, and which entries it is about; ids of new entries are made up already."""

    number: int
    cells: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)
    organization: UUID | None = None
    service: UUID | None = None
    location: UUID | None = None
    # How it was found out which service it is: "id", "name", or "new" if there is none.
    by: str = "new"
    place: str | None = None
    edits: dict[str, Any] = field(default_factory=dict)
    # What somebody else has changed since the file was made, among these edits.
    stale: set[str] = field(default_factory=set)
    is_new_location: bool = False
    blocked: list[Blocked] = field(default_factory=list)
    # The versions of its records that the row was made of, if it says so.
    numbers: Numbers | None = None

    def __post_init__(self) -> None:
        self.numbers = read_version(self.cells.get("version", ""))

    @property
    def is_example(self) -> bool:
        """A made-up row that no service of ours belongs to: it is left out."""
        return self.cells.get("demo", "").lower() in ("yes", "نعم") and not self.cells.get("service_id")

    @property
    def outcome(self) -> str:
        """One of OUTCOMES."""
        if self.is_example:
            return "example"
        if self.problems:
            return "error"
        if self.blocked:
            return "conflict"
        if self.by == "new" or self.is_new_location:
            return "new"
        return "changed" if self.edits else "unchanged"

    def tell(self, key: str | None, code: str, detail: str = "") -> None:
        """Keep a problem, unless there is one in its cell already."""
        if key is None or all(problem.column != key for problem in self.problems):
            self.problems.append(Problem(self.number, key, code, detail))

    def cell(self, *keys: str) -> list[str]:
        """The texts of some columns that aren't empty."""
        return [text for key in keys if (text := self.cells.get(key))]


def id_of(text: str) -> UUID | None:
    """The id in a cell; None for what isn't one."""
    try:
        return UUID(text)
    except ValueError:
        return None


def rows_of(content: Mapping[str, Any], mapping: Mapping[str, str]) -> tuple[list[Row], list[Problem]]:
    """The rows of a stored table by our columns, and the problems of the table that are of no row.

    What is wrong in a column that is left out doesn't matter; rows of titles and HXL tags aren't rows.
    """
    columns: Sequence[str] = content["columns"]
    places = [(index, mapping[name]) for index, name in enumerate(columns) if mapping.get(name)]
    titles = {number for number, _ in content["rows"][: content["titles"]]}
    rows = {
        number: Row(number, {key: cells[index] for index, key in places})
        for number, cells in content["rows"][content["titles"] :]
    }
    rest = []
    for problem in (Problem(*said) for said in content["problems"]):
        if (problem.column in columns and not mapping.get(problem.column or "")) or problem.row in titles:
            continue
        if problem.is_notice or problem.row not in rows:
            rest.append(problem)
        else:
            key = mapping.get(problem.column, problem.column) if problem.column else None
            rows[problem.row].tell(key, problem.code, problem.detail)
    return list(rows.values()), rest
