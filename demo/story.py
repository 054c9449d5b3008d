"""What is kept of the day while it is played, and the words that tell of it in both languages."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

import yaml

HERE = Path(__file__).parent


class Words(NamedTuple):
    """One text of the page in both languages."""

    ar: str
    en: str


def _flat(node: dict[str, Any], at: str = "") -> dict[str, Words]:
    """The texts under their dotted names."""
    if node.keys() == {"ar", "en"}:
        return {at: Words(**node)}
    return {
        name: words for key, under in node.items() for name, words in _flat(under, f"{at}.{key}".strip(".")).items()
    }


WORDS = _flat(yaml.safe_load((HERE / "words.yml").read_text("utf-8")))


@dataclass(frozen=True)
class Line:
    """A message as the phone showed it, by the person, by Daleel or by a member of staff."""

    by: Literal["person", "daleel", "staff"]
    text: str
    choices: tuple[str, ...] = ()
    # What an SMS costs; a message on WhatsApp has no parts.
    parts: int | None = None
    tapped: bool = False


@dataclass(frozen=True)
class Act:
    """What was done at a desk; `words` names what tells of it."""

    words: str


@dataclass(frozen=True)
class Picture:
    """A picture beside the page; `words` names its caption."""

    file: str
    of: Literal["phone", "desk"]
    words: str


@dataclass
class Scene:
    """One person's part of the day. `key` names the person in words.yml."""

    key: str
    number: str
    channel: Literal["sms", "whatsapp"]
    language: Literal["ar", "en"]
    steps: list[Line | Act] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
