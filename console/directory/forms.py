"""An entry's form and its document: fields are named by where they stand in the document ("at[0].phones[1].number").

What was typed stays as it was typed: a form with a letter where a number belongs is shown again, not emptied.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args, get_origin
from uuid import UUID, uuid4

from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData

from directory import records
from directory.checking import Problem
from directory.records import Kind, Location, Organization, Record, Words

# Chosen in place of an organization or a location that exists: the form holds it too.
NEW = "new"
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫", "01234567890123456789.")
# What people put between the digits of a phone number.
_BETWEEN_DIGITS = re.compile(r"[\s().\u200e\u200f-]")
# More parts than any record may have: a form that names a part 10**9 is not ours.
_MOST_PARTS = 300
_CODES = {
    "int_parsing": "not_a_whole_number",
    "int_from_float": "not_a_whole_number",
    "float_parsing": "not_a_number",
    "literal_error": "unknown_code",
    "uuid_parsing": "missing",
    "string_too_long": "too_long",
    "too_long": "too_many",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
}


class Unreadable(Exception):
    """A form that can't be made a record of; `problems` say which fields."""

    def __init__(self, found: list[Problem]) -> None:
        super().__init__()
        self.problems = found


@dataclass(frozen=True)
class Filled:
    """A filled-in form: the document as it was typed, and new parts typed along with it, by their field."""

    kind: Kind
    id: UUID
    document: dict[str, Any]
    new: dict[str, dict[str, Any]] = field(default_factory=dict)

    def made(self) -> list[Record]:
        """The new parts and, last, the record itself, which points to them; raises Unreadable."""
        document, made = {**self.document}, []
        if "organization_id" in self.new:
            organization = _read(Organization, self.new["organization_id"], "organization_id.")
            document["organization_id"] = str(organization.id)
            made.append(organization)
        if "at" in document:
            document["at"] = [dict(at) for at in document["at"]]
        for number, at in enumerate(document.get("at", [])):
            if new := self.new.get(f"at[{number}].location_id"):
                location = _read(Location, new, f"at[{number}].location_id.")
                at["location_id"] = str(location.id)
                made.append(location)
        return [*made, _read(records.TYPES[self.kind], document)]


def filled(kind: Kind, entry_id: UUID, form: FormData, *, is_demo: bool) -> Filled:
    """What a form says. Whether an entry is made up isn't for a form to say."""
    document = _part(records.TYPES[kind], form, "")
    document |= {"id": str(entry_id), "is_demo": is_demo}
    new: dict[str, dict[str, Any]] = {}
    if document.get("organization_id") == NEW:
        new["organization_id"] = _new(Organization, form, "organization_id.new.")
    for number, at in enumerate(document.get("at", [])):
        if at["location_id"] == NEW:
            new[f"at[{number}].location_id"] = _new(Location, form, f"at[{number}].location_id.new.")
    return Filled(kind, entry_id, document, new)


def added(form: Filled, name: str) -> Filled:
    """The form with one more part in a list ("at", "at[0].phones"); unknown lists change nothing."""
    holder, last = _holder(form.document, name)
    parts = holder.get(last) if isinstance(holder, dict) else None
    if not isinstance(parts, list) or len(parts) >= _MOST_PARTS:
        return form
    model = _model_at(records.TYPES[form.kind], name)
    if model is not None:
        parts.append(_part(model, FormData(), ""))
    return form


def removed(form: Filled, name: str) -> Filled:
    """The form without one part of a list ("at[0].phones[1]")."""
    found = re.fullmatch(r"(.+)\[(\d{1,3})\]", name)
    holder, last = _holder(form.document, found[1]) if found else ({}, "")
    parts = holder.get(last) if isinstance(holder, dict) else None
    if found and isinstance(parts, list) and int(found[2]) < len(parts):
        del parts[int(found[2])]
        return Filled(form.kind, form.id, form.document, _renumbered(form.new, name))
    return form


def _renumbered(new: Mapping[str, dict[str, Any]], gone: str) -> dict[str, dict[str, Any]]:
    """New parts under the fields they have once one location before them is gone."""
    found = re.fullmatch(r"at\[(\d+)\]", gone)
    if not found:
        return dict(new)
    kept = {}
    for name, part in new.items():
        place = re.match(r"at\[(\d+)\]", name)
        if place and int(place[1]) == int(found[1]):
            continue
        moved = place and int(place[1]) > int(found[1])
        kept[f"at[{int(place[1]) - 1}].location_id" if moved and place else name] = part
    return kept


def _read(model: type[Any], document: Mapping[str, Any], prefix: str = "") -> Any:
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise Unreadable([Problem(prefix + _path(one["loc"]), _code(one["type"])) for one in error.errors()]) from None


def _path(loc: tuple[int | str, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).lstrip(".")


def _code(error: str) -> str:
    return _CODES.get(error) or ("not_a_date" if error.startswith("date") else "not_understood")


def _new(model: type[BaseModel], form: FormData, prefix: str) -> dict[str, Any]:
    # Its id is made once and then carried by the form: saving twice makes one location.
    given = str(form.get(f"{prefix}id", ""))
    return {**_part(model, form, prefix), "id": given or str(uuid4()), "is_demo": False}


def _part(model: type[BaseModel], form: FormData, prefix: str) -> dict[str, Any]:
    return {
        name: _value(info.annotation, form, prefix + name)
        for name, info in model.model_fields.items()
        if name not in ("id", "is_demo") or (name == "is_demo" and prefix)
    }


def _value(kind: Any, form: FormData, name: str) -> Any:
    """The value of a field by its type in the record."""
    options = get_args(kind) if get_origin(kind) is not None and type(None) in get_args(kind) else ()
    if kind is Words:
        return {language: _text(form, f"{name}.{language}") for language in Words.model_fields}
    if get_origin(kind) is list:
        return _list(get_args(kind)[0], form, name)
    if kind is bool:
        return name in form
    text = _text(form, name)
    if name.endswith((".number", ".opens_at", ".closes_at")) or not _is_prose(kind):
        text = text.translate(_DIGITS)
    if name.endswith(".number"):
        text = _BETWEEN_DIGITS.sub("", text)
    if float in options:
        text = text.replace(",", ".")
    return None if options and not text else text


def _is_prose(kind: Any) -> bool:
    return kind is str or get_args(kind)[:1] == (str,)


def _list(inner: Any, form: FormData, name: str) -> list[Any]:
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        numbers = sorted(set(_numbers(form, name)))[:_MOST_PARTS]
        fields = [f"{name}[{number}]" for number in numbers]
        return [_value(inner, form, one) if inner is Words else _part(inner, form, f"{one}.") for one in fields]
    # Boxes to tick, and a line with commas for what has no box.
    texts = [str(one).strip() for one in form.getlist(name)]
    texts += [part.strip() for part in re.split("[,،]", _text(form, f"{name}.more"))]
    return list(dict.fromkeys(text.translate(_DIGITS) for text in texts if text))


def _numbers(form: FormData, name: str) -> Iterator[int]:
    pattern = re.compile(re.escape(name) + r"\[(\d{1,3})\]")
    return (int(found[1]) for key in form if (found := pattern.match(key)))


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def _holder(document: Any, name: str) -> tuple[Any, str]:
    """What holds a field, and the field's own name in it; an empty one if there is no such place."""
    *path, last = re.findall(r"[^.\[\]]+", name) or [""]
    for step in path:
        if isinstance(document, list) and step.isdigit() and int(step) < len(document):
            document = document[int(step)]
        elif isinstance(document, dict) and step in document:
            document = document[step]
        else:
            return {}, last
    return document, last


def _model_at(model: Any, name: str) -> Any:
    """The type of the parts of a list; None if it isn't a list of parts."""
    for step in re.findall(r"[^.\[\]]+", name):
        if step.isdigit():
            continue
        info = model.model_fields.get(step) if isinstance(model, type) and issubclass(model, BaseModel) else None
        inner = get_args(info.annotation)[0] if info and get_origin(info.annotation) is list else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return None
        model = inner
    return model
