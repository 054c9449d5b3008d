"""Is a file of services or organizations fit to bring in? All that is wrong with it, in words its author understands.

Whatever is in the file, the answer is a report: nobody who sends a file sees a traceback.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from directory.exchange.hsds import Organization, Page, Service
from directory.exchange.hsds_report import Findings, Place, Problem, Report, report_lines
from directory.exchange.hsds_tidying import LEFT_OUT, Tidying

__all__ = ["MOST_BYTES", "Contents", "Problem", "Report", "read", "report_lines", "validate"]

M = TypeVar("M", bound=BaseModel)

MOST_BYTES = 20_000_000
# Every object has an id of 36 characters, so a file of MOST_BYTES can't honestly have more.
MOST_OBJECTS = 1_000_000

FILE: Place = ("file",)
MODELS: dict[str, type[Service] | type[Organization]] = {"services": Service, "organizations": Organization}
Kind = Literal["services", "organizations"]
# A record with its place in the file: ("services[3]",), ("line 4",).
Record = tuple[Place, Any]

SAID = {
    "missing": "is missing",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "int_type": "must be a whole number",
}


class Unreadable(Exception):
    """The file can't be read as JSON at all; the arguments are those of a problem."""


def validate(data: bytes) -> Report:
    """What is wrong with a file that holds one service or organization, a list or a page of them, or one a line."""
    findings = Findings()
    return read(data, findings).report(findings)


@dataclass(frozen=True)
class Contents:
    """What is in a file: `accepted` are its records with their places, none unless all of them can be brought in."""

    kind: Kind | None
    count: int
    accepted: Sequence[tuple[Place, Service | Organization]]

    def report(self, findings: Findings) -> Report:
        """All that was found."""
        return findings.report(self.kind, self.count, [record for _, record in self.accepted])


def read(data: bytes, findings: Findings) -> Contents:
    """The services or organizations of a file; what is wrong with it goes to `findings`."""
    try:
        document, is_lines = _document(data, findings)
    except Unreadable as why:
        findings.problem(*why.args)
        return Contents(None, 0, ())
    kind, records = _records(document, is_lines, findings)
    accepted = _check(kind, records, findings)
    if not records:
        findings.notice(FILE, "empty", "holds no services or organizations")
    return Contents(kind, len(records), () if findings.problems else accepted)


def _document(data: bytes, findings: Findings) -> tuple[Any, bool]:
    """The document, or the list of its lines' (place, value) and True if each line is a document of its own."""
    if len(data) > MOST_BYTES:
        raise Unreadable(FILE, "too_large", "is larger than 20 MB: split it")
    if data.count(b"{") + data.count(b"[") > MOST_OBJECTS:
        raise Unreadable(FILE, "too_large", "holds more than a million objects: split it")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as why:
        raise Unreadable(FILE, "encoding", f"is not UTF-8 (byte {why.start + 1}): save it as UTF-8") from None
    if not text.strip():
        raise Unreadable(FILE, "empty", "is empty")
    try:
        return _parse(text, ""), False
    except Unreadable:
        # Only a newline ends a record: U+2028 may stand inside a text.
        lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
        first = lines[0][1].strip()
        if len(lines) == 1 or not (first.startswith("{") and first.endswith("}")):
            raise
    found = []
    for number, line in lines:
        try:
            found.append(((f"line {number}",), _parse(line, f"line {number}")))
        except Unreadable as why:
            findings.problem(*why.args)
    return found, True


def _parse(text: str, where: str) -> Any:
    try:
        # Python refuses to read thousands of digits; nothing here is as large, and infinity is told as a problem.
        return json.loads(text, parse_int=lambda digits: int(digits) if len(digits) < 20 else inf)
    except json.JSONDecodeError as why:
        place = where or f"line {why.lineno}"
        raise Unreadable((place,), "json", f"is not valid JSON at column {why.colno}: {why.msg}") from None
    except RecursionError:
        raise Unreadable((where or "file",), "nesting", "has lists or objects nested far too deep") from None


def _records(document: Any, is_lines: bool, findings: Findings) -> tuple[Kind | None, list[Record]]:
    """What kind of records the document holds, and each with its place."""
    if is_lines:
        return _kind([value for _, value in document]), document
    if isinstance(document, list):
        kind = _kind(document)
        return kind, [((f"{kind}[{index}]",), value) for index, value in enumerate(document)]
    if isinstance(document, dict) and "contents" in document:
        contents = document["contents"]
        _check_page(document, findings)
        if isinstance(contents, list):
            return _kind(contents), [((f"contents[{index}]",), value) for index, value in enumerate(contents)]
        return None, []
    if isinstance(document, dict):
        kind = _kind([document])
        return kind, [((kind.removesuffix("s"),), document)]
    findings.problem(FILE, "type", "must be a service, an organization, a list or a page of them")
    return None, []


def _kind(values: list[Any]) -> Kind:
    """One kind for the whole file, so that a record which lost a field is not taken for the other kind."""
    service, organization = (set(model.model_fields) for model in (Service, Organization))
    known = [value.keys() for value in values if isinstance(value, dict)]
    votes = sum(len(keys & (service - organization)) - len(keys & (organization - service)) for keys in known)
    if votes:
        return "services" if votes > 0 else "organizations"
    return "organizations" if any("description" in keys for keys in known) else "services"


def _check_page(page: dict[str, Any], findings: Findings) -> None:
    """The page's own fields, each only if it is there: the records are what is brought in."""
    for key in page.keys() - Page.model_fields.keys():
        findings.notice(("page", key), "unknown", LEFT_OUT)
    if not isinstance(page["contents"], list):
        findings.problem(("contents",), "type", "must be a list")
    _report_errors(Page[Any], {**page, "contents": []}, ("page",), findings, ignored=frozenset({"missing"}))
    pages = page.get("total_pages")
    if isinstance(pages, int) and pages > 1:
        findings.notice(FILE, "partial", f"is one page of {min(pages, 10**9)}: the other pages are not in it")


def _check(kind: Kind | None, records: list[Record], findings: Findings) -> list[tuple[Place, Service | Organization]]:
    accepted: list[tuple[Place, Service | Organization]] = []
    if kind is None:
        return accepted
    tidying = Tidying(findings)
    tidying.look_for_duplicates(records)
    for place, value in records:
        if not isinstance(value, dict):
            findings.problem(place, "type", "must be an object")
            continue
        model = MODELS[kind]
        made = _report_errors(model, tidying.tidy(value, model, place), place, findings)
        # Kept only while they are of use: a file is brought in whole or not at all.
        if made is not None and not findings.problems:
            accepted.append((place, made))
    return accepted


def _report_errors(
    model: type[M], value: dict[str, Any], place: Place, findings: Findings, ignored: frozenset[str] = frozenset()
) -> M | None:
    try:
        return model.model_validate(value)
    except ValidationError as why:
        if findings.is_full:  # Counting is quick, telling is not.
            findings.more_problems += why.error_count()
            return None
        for error in why.errors(include_url=False, include_input=False):
            if error["type"] not in ignored:
                findings.problem((*place, *error["loc"]), *_said(error))
        return None


def _said(error: ErrorDetails) -> tuple[str, str]:
    """The code and the words of one of pydantic's errors; our own validators have said it already."""
    kind = error["type"]
    if kind == "literal_error":
        return "code", f"must be one of: {error['ctx']['expected'].replace(chr(39), '').replace(' or ', ', ')}"
    if kind in SAID:
        return kind.replace("_type", ""), SAID[kind]
    return kind, error["msg"].replace("Input should be", "must be")
