"""Every text of the console is there in Arabic, and times and counts read well in both languages."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from console.translations import CATALOGUE, moment, number, preferred, translations

ROOT = Path(__file__).parents[2]


def test_every_text_has_an_arabic_translation() -> None:
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = {message for _, _, message, _, _ in extract_from_dir(ROOT, methods, options)}
    with CATALOGUE.open("rb") as source:
        catalogue = read_po(source, locale="ar")
    assert len(found) > 50
    for text in found:
        message = catalogue.get(text if isinstance(text, str) else text[0])
        assert message, f"not in console.po: {text}"
        assert message.string, f"not translated: {text}"
        assert all(message.string), f"a plural is missing: {text}"
        assert not message.fuzzy, f"the translation is a guess: {text}"
    ids = {message.id for message in catalogue if message.id}
    assert ids == found, "console.po holds texts that nothing says any more"


def test_templates_say_nothing_outside_the_catalogue() -> None:
    """Words between tags that no `_()` surrounds; the two language names are meant to be foreign."""
    for template in (ROOT / "console" / "templates").rglob("*.html"):
        attributes = r"""[\w-]+=(?:"[^"]*"|'[^']*')"""
        said = re.sub(rf"\{{[{{%#].*?[}}%#]\}}|<[^>]*>|{attributes}", " ", template.read_text(), flags=re.DOTALL)
        assert set(re.findall(r"[^\W\d_]{2,}", said)) <= {"English", "العربية"}, template.name


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "ar"),
        ("en-GB,en;q=0.9", "en"),
        ("ar-IQ", "ar"),
        ("fr, en;q=0.4, ar;q=0.8", "ar"),
        ("ku,de", "ar"),
        ("ar;q=0, en;q=0.1", "en"),
        ("en;q=nonsense", "ar"),
    ],
)
def test_language_follows_the_browser(header: str, language: str) -> None:
    assert preferred(header) == language


def test_times_are_iraqs_with_latin_digits() -> None:
    now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    assert moment(datetime(2026, 11, 23, 6, 5, tzinfo=UTC), "ar", now) == "09:05"
    assert moment(datetime(2026, 11, 21, 22, 0, tzinfo=UTC), "ar", now) == "22 تشرين الثاني 01:00"
    assert moment(datetime(2025, 2, 1, 9, 0, tzinfo=UTC), "en", now) == "1 Feb 2025 12:00"


def test_counts_have_latin_digits_and_arabic_plurals() -> None:
    assert number(12345, "ar") == number(12345, "en") == "12,345"
    arabic = translations("ar")
    words = {
        count: arabic.ungettext("%(count)s waits for a person", "%(count)s wait for a person", count)
        for count in (1, 2, 3, 11, 100)
    }
    assert words[1].startswith("شخص واحد")
    assert words[2].startswith("شخصان")
    assert "أشخاص" in words[3]
    assert "شخصاً" in words[11]
    assert "%(count)s شخص " in words[100]
