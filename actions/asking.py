"""What a question says besides its need and place: who asks, and whether it must be open now. Plain words only."""

from functools import cache
from re import Pattern

from orthography.folding import fold
from orthography.phrases import pattern

# Codes of `directory.records.STATUSES_OF_PEOPLE`. Only statuses: of a mother asking for her son, "woman" is half of it.
STATUSES: dict[str, tuple[str, ...]] = {
    "idp": (
        "نازح*/نازحه/نازحين/نازحات/مهجر*/مهجرين",
        "displaced",
        "idp/idps",
        "nazi7*/nazih*/nazheen/muhajjar*",
    ),
    "returnee": ("عائد*/عايد*/عائدين/راجعين/العائدين", "returnee/returnees", "3aid*/raji3een/raj3een"),
    "refugee": ("لاجئ*/لاجي*/لاجئين/لاجيين", "refugee/refugees", "laji2*/laj2*/lajee*/lajiin"),
    "migrant": ("مهاجر*/مهاجرين", "migrant/migrants/immigrant", "muhajir*/mohajir*"),
}
OPEN_NOW = (
    "فاتح/فاتحين/مفتوح/مفتوحة/مداوم/مداومين هسه/هسة/الان/الحين/حاليا/اليوم",
    "هسه/هسة/الان/الحين فاتح/فاتحين/مفتوح/مفتوحة/مداوم/مداومين",
    "open now/today/tonight/still",
    "still/now open",
    "fat7/fati7/fathin/maftoo7/maftuh/mdawmin/mdawim hassa/hessa/hasa/alyom/elyom",
)


def status_of(text: str) -> list[str]:
    """Who asks, as far as a text says so."""
    folded = fold(text[:500])
    return [status for status, found in _statuses().items() if found.search(folded)]


def wants_open(text: str) -> bool:
    """Whether somebody looks for what is open at this moment."""
    return bool(_open_now().search(fold(text[:500])))


@cache
def _statuses() -> dict[str, Pattern[str]]:
    return {status: pattern(phrases) for status, phrases in STATUSES.items()}


@cache
def _open_now() -> Pattern[str]:
    return pattern(OPEN_NOW)
