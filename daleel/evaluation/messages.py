"""Labelled messages: those of data/nlu, and those of a file with the columns in COLUMNS, tab-separated."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from daleel.training import ROOT

# What the training data says of a message beside its intent. Places are found by lexicon, and not labelled there.
TRAINED_DETAILS = ("need", "document", "aspect", "property_topic", "return_direction")
DETAILS = (*TRAINED_DETAILS, "place")
COLUMNS = ("text", "language", "script", "register", "intent", "intent_alt", *DETAILS)
LANGUAGES = ("ar", "en", "ckb", "kmr", "other")

_LANGUAGE_OF_REGISTER = {
    **dict.fromkeys(("iraqi", "msa", "levantine", "arabizi"), "ar"),
    **dict.fromkeys(("en", "en_nonnative"), "en"),
    **{one: one for one in ("ckb", "kmr", "other")},
}
_ARABIC_LETTER = re.compile(r"[ء-ۿݐ-ݿ]")


class Malformed(Exception):
    """A file can't be used; says which, where and why."""


@dataclass(frozen=True)
class Labelled:
    """A message and what it should be understood as; `details` has the codes of each entity that was labelled."""

    text: str
    language: str
    register: str
    intent: str
    intent_alt: str  # counts as right too; may be empty
    details: Mapping[str, frozenset[str]]


def contents(path: Path) -> str:
    """The text of a file, or Malformed: it can't be read, isn't UTF-8, or is empty."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Malformed(f"{path}: {error.strerror}") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Malformed(f"{path}, line {line}: this is not UTF-8") from None
    if not text.strip():
        raise Malformed(f"{path}: the file is empty")
    return text


def read(path: Path, intents: frozenset[str]) -> list[Labelled]:
    """The messages of a tab-separated file; raises Malformed. Nothing is quoted in it, blank lines are skipped."""
    rows = [(at, line.removesuffix("\r").split("\t")) for at, line in enumerate(contents(path).split("\n"), 1)]
    (at, header), *rows = [(at, row) for at, row in rows if any(row)]
    if missing := [column for column in COLUMNS if column not in header]:
        raise Malformed(f"{path}, line {at}: missing column {', '.join(missing)}")
    if not rows:
        raise Malformed(f"{path}: no messages below the header")
    messages = []
    for at, row in rows:
        if len(row) != len(header):
            raise Malformed(f"{path}, line {at}: {len(row)} columns where the header has {len(header)}")
        values = dict(zip(header, row, strict=True))
        if problem := _problem(values, intents):
            raise Malformed(f"{path}, line {at}: {problem}")
        messages.append(_labelled(values))
    return messages


def _problem(values: Mapping[str, str], intents: frozenset[str]) -> str | None:
    if values["language"] not in LANGUAGES:
        return f"unknown language {values['language']!r}"
    for intent in filter(None, (values["intent"] or "(none)", values["intent_alt"])):
        if intent not in intents:
            return f"unknown intent {intent!r}"
    return None


def _labelled(values: Mapping[str, str]) -> Labelled:
    details = {name: frozenset(filter(None, values[name].split("|"))) for name in DETAILS}
    plain = {name: values[name] for name in ("text", "language", "register", "intent", "intent_alt")}
    return Labelled(**plain, details=details)


def known_intents() -> frozenset[str]:
    """The intents of the domain, but for Rasa's stand-in for none."""
    domain = yaml.safe_load((ROOT / "domain" / "domain.yml").read_text("utf-8"))
    return frozenset(next(iter(one)) for one in domain["intents"]) - {"nlu_fallback"}


def training(folder: Path = ROOT / "data" / "nlu") -> list[Labelled]:
    """The messages the assistant is trained on, in the order of the files."""
    return [message for path in sorted(folder.glob("*.yml")) for message in _blocks(path)]


def _blocks(path: Path) -> Iterator[Labelled]:
    loaded: dict[str, Any] = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
    for block in loaded["nlu"]:
        metadata = block["metadata"]
        details = {name: frozenset(metadata.get(name, ())) for name in TRAINED_DETAILS}
        for line in block["examples"].splitlines():
            text, register = line.removeprefix("-").strip(), metadata["register"]
            yield Labelled(text, language_of(register, text), register, block["intent"], "", details)


def language_of(register: str, text: str) -> str:
    """The language of a training message; where its register doesn't say, Arabic if most letters are."""
    if register in _LANGUAGE_OF_REGISTER:
        return _LANGUAGE_OF_REGISTER[register]
    arabic = len(_ARABIC_LETTER.findall(text))
    return "ar" if arabic * 2 > sum(character.isalpha() for character in text) else "en"
