"""What was found in an HSDS file: problems that keep it out, notices that don't, and where each is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from directory.exchange.hsds import Organization, Service

# Enough to mend a file by; a file with more of them was made by a program that must be mended first.
MOST_TOLD = 200
LONGEST_SHOWN = 60
# What the record is called ("services[3]", "line 4"), then the fields and indexes on the way in. Made into text only
# when it is told: most places never are.
Place = tuple[str | int, ...]

PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")


@dataclass(frozen=True)
class Problem:
    """One thing to mend or to know: where it is ("line 4, phones[0].number"), a code, and what it is in English."""

    line_or_path: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.line_or_path}: {self.message}"


@dataclass(frozen=True)
class Report:
    """What a file holds and what is wrong with it; `records` is empty unless all of them can be brought in."""

    kind: str | None
    count: int
    problems: Sequence[Problem]
    more_problems: int
    notices: Sequence[Problem]
    more_notices: int
    records: Sequence[Service | Organization]

    @property
    def is_valid(self) -> bool:
        """Whether the file can be brought in; notices don't keep it out."""
        return not self.problems


@dataclass
class Findings:
    """Problems and notices while a file is read: no more of them are kept than are told."""

    problems: list[Problem] = field(default_factory=list)
    more_problems: int = 0
    # By field and what it is about, whichever record it is in: a field that nobody knows is in every record.
    _notices: dict[tuple[tuple[str, ...], str, str], list[Any]] = field(default_factory=dict)
    _more_notices: int = 0

    @property
    def is_full(self) -> bool:
        """Whether further problems are only counted."""
        return len(self.problems) >= MOST_TOLD

    def problem(self, place: Place, code: str, message: str) -> None:
        """Something that keeps the file out."""
        if self.is_full:
            self.more_problems += 1
        else:
            self.problems.append(Problem(path(place), code, message))

    def notice(self, place: Place, code: str, message: str, about: str = "") -> None:
        """Something to know. The same `about` the same field of other records is counted, not repeated."""
        key = (tuple(step for step in place[1:] if isinstance(step, str)), code, about)
        if key in self._notices:
            self._notices[key][-1] += 1
        elif len(self._notices) < MOST_TOLD:
            self._notices[key] = [place, message, 1]
        else:
            self._more_notices += 1

    def report(self, kind: str | None, count: int, records: Sequence[Service | Organization]) -> Report:
        """All of it, for reading."""
        notices = [
            Problem(path(place), code, message if times == 1 else f"{message} (here and in {times - 1:,} more)")
            for (_, code, _), (place, message, times) in self._notices.items()
        ]
        return Report(kind, count, self.problems, self.more_problems, notices, self._more_notices, records)


def report_lines(report: Report) -> list[str]:
    """The report as a terminal shows it: problems, then notices, then the sum."""
    lines = [str(problem) for problem in report.problems]
    if report.more_problems:
        lines.append(f"... and {_count(report.more_problems, 'more problem')}")
    lines += [f"notice: {notice}" for notice in report.notices]
    if report.more_notices:
        lines.append(f"... and {_count(report.more_notices, 'more notice')}")
    problems = len(report.problems) + report.more_problems
    held = _count(report.count, (report.kind or "records").removesuffix("s"))
    return [*lines, f"{held}: {_count(problems, 'problem') if problems else 'valid'}"]


def path(place: Place) -> str:
    """A place as it is told: `services[3].phones[0].number`, `line 4, phones[0].number`."""
    where, *steps = place
    inner = "".join(f"[{step}]" if isinstance(step, int) else f".{named(step)}" for step in steps if step != "[key]")
    # A line is not a name that can be followed by a dot.
    return f"{where}, {inner.removeprefix('.')}" if inner and str(where).startswith("line ") else f"{where}{inner}"


def named(key: str) -> str:
    """The name of a field, which in a file may be anything: nothing of it reaches the terminal but letters."""
    return key if PLAIN_NAME.fullmatch(key) else ascii(key[:40])


def shown(text: str) -> str:
    """Somebody's words on one short line, without anything that a terminal would obey."""
    line = "".join(character for character in " ".join(text.split()) if character.isprintable())
    return line if len(line) <= LONGEST_SHOWN else f"{line[:LONGEST_SHOWN]}..."


def _count(number: int, of: str) -> str:
    return f"{number:,} {of}{'' if number == 1 else 's'}"
