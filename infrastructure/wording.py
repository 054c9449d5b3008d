"""Texts for people, read from the same response files that Rasa reads, so that each text has one home.

Format: Rasa's domain responses (https://rasa.com/docs/rasa/responses), one variation a language, chosen by the
`language` slot. `make check` holds every key to both languages and the same placeholders.
"""

from pathlib import Path
from typing import Any

import yaml

RESPONSES = Path(__file__).parents[1] / "domain" / "responses"
LANGUAGES = ("ar", "en")


class Wording:
    """Every response as {key: {language: text}}."""

    def __init__(self, texts: dict[str, dict[str, str]]) -> None:
        self.texts = texts

    def say(self, key: str, language: str, **values: Any) -> str:
        """The text of a key in a language, its {placeholders} filled. An unknown key is a KeyError."""
        return self.texts[key][language].format(**values)


def load(folder: Path = RESPONSES) -> Wording:
    """Read every response file of a folder; a file that is not in the agreed form is a ValueError."""
    texts: dict[str, dict[str, str]] = {}
    for file in sorted(folder.glob("*.yml")):
        for key, variations in yaml.safe_load(file.read_text("utf-8"))["responses"].items():
            texts[key] = {_language(variation, key, file): variation["text"].strip() for variation in variations}
    return Wording(texts)


def _language(variation: dict[str, Any], key: str, file: Path) -> str:
    match variation.get("condition"):
        case [{"type": "slot", "name": "language", "value": str(language)}] if language in LANGUAGES:
            return language
    raise ValueError(f"{file.name}: {key} needs one `language` condition (ar or en) on every text")
