"""The console's texts and dates in a member of staff's language. Texts in the code are English.

After changing texts: `pybabel extract -F babel.cfg --no-location -o var/console.pot .`, then
`pybabel update -D console -i var/console.pot -d console/locales`, then translate what is new in console.po.
Nothing is compiled: the catalogue is read at start.
"""

from datetime import UTC, date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_datetime, get_day_names
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

from directory.hours import WEEK
from infrastructure.local_time import BAGHDAD

CATALOGUE = Path(__file__).parent / "locales" / "ar" / "LC_MESSAGES" / "console.po"
LOCALES = {"ar": Locale("ar", "IQ"), "en": Locale("en", "GB")}
DEFAULT = "ar"
# Where the people we answer live; Iraq has no summer time.


@cache
def translations(language: str) -> NullTranslations:
    """The texts of a language."""
    if language == "en":
        return NullTranslations()
    with CATALOGUE.open("rb") as source:
        catalogue = read_po(source, locale=language, domain="console")
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled, domain="console")


def preferred(accept_language: str) -> str:
    """The language of ours that a browser likes best (Accept-Language, RFC 9110)."""
    wishes = []
    for position, entry in enumerate(accept_language.split(",")):
        tag, _, weight = entry.partition(";q=")
        try:
            quality = float(weight or 1)
        except ValueError:
            quality = 0.0
        wishes.append((-quality, position, tag.strip()[:2].lower()))
    return next((tag for quality, _, tag in sorted(wishes) if tag in LOCALES and quality < 0), DEFAULT)


def moment(when: datetime, language: str, now: datetime | None = None) -> str:
    """A time as staff in Iraq read it: the hour today, the day this year, the date before; digits are Latin."""
    local, today = when.astimezone(BAGHDAD), (now or datetime.now(UTC)).astimezone(BAGHDAD)
    if local.date() == today.date():
        pattern = "HH:mm"
    else:
        pattern = "d MMM HH:mm" if local.year == today.year else "d MMM y HH:mm"
    return format_datetime(local, pattern, tzinfo=BAGHDAD, locale=LOCALES[language])


def day(when: date, language: str) -> str:
    """A date with its year; digits are Latin."""
    return format_date(when, "d MMM y", locale=LOCALES[language])


def weekday(code: str, language: str) -> str:
    """The name of a day of the week ("SU")."""
    names = get_day_names("wide", locale=LOCALES[language])
    return str(names[WEEK[code]]) if code in WEEK else code


def number(value: float, language: str) -> str:
    """A count with the language's separators and Latin digits."""
    return format_decimal(value, locale=LOCALES[language], numbering_system="latn")
