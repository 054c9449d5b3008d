"""One record of a file before the models see it: what we don't know is left out, what no schema can say is checked."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel

from directory.exchange.hsds import NEEDS_TAXONOMY, Hsds, Location, Organization, Service, TaxonomyTerm
from directory.exchange.hsds_fields import P_CODE_TEXT
from directory.exchange.hsds_report import Findings, Place, path
from directory.needs import NEEDS
from directory.places import read_places

LANGUAGES = ("ar", "en", "ckb")
# An organization in a service in an organization ...: more steps than this are not how anybody keeps a directory.
DEEPEST = 40
MOST_ITEMS = 10_000
LEFT_OUT = "is not a field we know: it will be left out"
EMPTY = "holds nothing: it is taken as not given"

# "<5 years" is a text; "<b", "</p" and "<!--" are not. Entities would be read out as they stand in an SMS.
MARKUP = re.compile(r"<[A-Za-z/!?]|&(?:[A-Za-z][A-Za-z0-9]{1,30}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});")
# What PostgreSQL refuses (NUL, half a character) or nobody can see; the marks of writing direction are Arabic's own.
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Tidying:
    """Goes through records and tells `findings` what it meets."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.codes = _p_codes()

    def tidy(self, value: dict[str, Any], model: type[BaseModel], place: Place) -> dict[str, Any]:
        """A copy with the fields of the model that hold something."""
        if len(place) > DEEPEST:
            self.findings.problem(place, "nesting", "is nested too deep")
            return {}
        tidied: dict[str, Any] = {}
        for key, item in value.items():
            if key not in model.model_fields:
                self.findings.notice((*place, key), "unknown", LEFT_OUT)
            elif item is None or (isinstance(item, str) and not item.strip()):
                # HSDS has no null; exporters write it all the same, and an empty text for a text they don't have.
                self.findings.notice((*place, key), "empty", EMPTY)
            elif key == "translations":
                tidied[key] = self._translations(item, model, (*place, key))
            else:
                tidied[key] = self._item(item, _inner(model).get(key), (*place, key))
        self._check_codes(tidied, model, place)
        return tidied

    def look_for_duplicates(self, records: Iterable[tuple[Place, Any]]) -> None:
        """Two things in one list with one id: bringing them in, the second would overwrite the first."""
        seen: dict[str, Place] = {}
        for place, value in records:
            identity = value.get("id") if isinstance(value, dict) else None
            if isinstance(identity, str) and identity:
                first = seen.setdefault(identity.lower(), place)
                if first != place:
                    told = f"is the same as the id of {path(first)}"
                    self.findings.problem((*place, "id"), "duplicate_id", told)

    def _item(self, item: Any, inner: type[BaseModel] | None, place: Place) -> Any:
        if isinstance(item, str):
            self._check_text(item, place)
        elif isinstance(item, dict) and inner:
            return self.tidy(item, inner, place)
        elif isinstance(item, list) and len(item) > MOST_ITEMS:
            self.findings.problem(place, "too_many", f"has more than {MOST_ITEMS:,} items")
            return []
        elif isinstance(item, list) and inner:
            parts: list[tuple[Place, Any]] = [((*place, index), part) for index, part in enumerate(item)]
            self.look_for_duplicates(parts)
            return [self.tidy(part, inner, at) if isinstance(part, dict) else part for at, part in parts]
        return item

    def _translations(self, item: Any, model: type[BaseModel], place: Place) -> Any:
        if not isinstance(item, dict):
            return item
        texts = model.texts if issubclass(model, Hsds) else ()
        tidied: dict[str, Any] = {}
        for language, fields in item.items():
            if language not in LANGUAGES:
                self.findings.notice((*place, language), "unknown", LEFT_OUT.replace("field", "language"))
                continue
            tidied[language] = fields if not isinstance(fields, dict) else {}
            for key, text in fields.items() if isinstance(fields, dict) else ():
                at = (*place, language, key)
                if key not in texts:
                    self.findings.notice(at, "unknown", LEFT_OUT)
                elif text is None or (isinstance(text, str) and not text.strip()):
                    self.findings.notice(at, "empty", EMPTY)
                else:
                    tidied[language][key] = self._item(text, None, at)
        return tidied

    def _check_text(self, text: str, place: Place) -> None:
        if MARKUP.search(text):
            self.findings.problem(place, "markup", "has HTML in it: plain text only")
        if UNSEEN.search(text):
            self.findings.problem(place, "characters", "has characters in it that can't be seen or are broken")

    def _check_codes(self, value: dict[str, Any], model: type[BaseModel], place: Place) -> None:
        if model is Location:
            code = value.get("external_identifier")
            if isinstance(code, str) and re.fullmatch(P_CODE_TEXT, code) and code not in self.codes:
                told = f"is no governorate or district we know: {code}"
                self.findings.problem((*place, "external_identifier"), "unknown_p_code", told)
        elif model is TaxonomyTerm and _is_need(value):
            code = value.get("code")
            if not isinstance(code, str) or code not in NEEDS:
                told = f"is not a need of {NEEDS_TAXONOMY}, such as {NEEDS[0]}"
                self.findings.problem((*place, "code"), "unknown_need", told)
        elif model in (Service, Organization) and not _has_arabic_name(value):
            self.findings.notice((*place, "translations", "ar", "name"), "no_arabic", "is missing: no Arabic name")


def _is_need(term: dict[str, Any]) -> bool:
    detail = term.get("taxonomy_detail")
    return NEEDS_TAXONOMY in (term.get("taxonomy"), detail.get("name") if isinstance(detail, dict) else None)


def _has_arabic_name(value: dict[str, Any]) -> bool:
    translations = value.get("translations")
    arabic = translations.get("ar") if isinstance(translations, dict) else None
    return isinstance(arabic, dict) and "name" in arabic


@cache
def _p_codes() -> frozenset[str]:
    return frozenset(place["code"] for place in read_places())


@cache
def _inner(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """The model of what is inside a field, for the fields that hold objects."""
    found = {}
    for name, info in model.model_fields.items():
        for kind in (info.annotation, *get_args(info.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                found[name] = kind
    return found
