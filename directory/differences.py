"""What differs between two versions of a record, field by field, and a version made of both."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple


class Difference(NamedTuple):
    """A field that two documents say differently; None where one of them says nothing."""

    field: str
    before: Any
    after: Any


def differences(before: Any, after: Any, field: str = "") -> Iterator[Difference]:
    """The fields in which two documents differ; of lists of parts, element by element."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in {**before, **after}:
            yield from differences(before.get(name), after.get(name), f"{field}.{name}" if field else str(name))
    elif isinstance(before, list) and isinstance(after, list) and any(isinstance(one, dict) for one in before + after):
        for at in range(max(len(before), len(after))):
            old, new = (side[at] if at < len(side) else None for side in (before, after))
            yield from differences(old, new, f"{field}[{at}]")
    elif before != after:
        yield Difference(field, before, after)


def merged(mine: Mapping[str, Any], theirs: Mapping[str, Any], taken: Collection[str]) -> dict[str, Any]:
    """My document with some of its fields (the outermost: "name", "at") as they are in theirs."""
    return {field: theirs[field] if field in taken and field in theirs else value for field, value in mine.items()}


def outermost(field: str) -> str:
    """The field of the record that a part is in: "at" of "at[0].phones[1].number"."""
    return field.split(".")[0].split("[")[0]


def steps(field: str) -> list[tuple[str, int | None]]:
    """The way to a part, each step with its number in a list (from 0): [("at", 0), ("phones", 1), ("number", None)]."""
    found = re.findall(r"(\w+)(?:\[(\d+)\])?", field)
    return [(name, int(number) if number else None) for name, number in found]
