"""The place that a row names, in up to four columns: a code and a name of the governorate, and of the district."""

from directory.exchange.sheet import Document
from directory.exchange.sheet_places import AmbiguousPlace, Places, UnknownPlace
from directory.importing.rows import Problematic, Row


def place_of(row: Row, base: Document | None, places: Places) -> str | None:
    """The p-code, None if the row names none. Of two columns that disagree, the one that says something else than the
    location did (`base`) was changed. Problematic if the columns contradict each other or can't be read."""
    code = base["place"] if base else ""
    governorate = _level(row, "governorate", places.governorate_of(code), None, places)
    # A file may have no districts, or may have been made for others, who aren't told a shelter's.
    is_silent = not row.cell("district", "district_code") and (
        bool(base and base["is_confidential"]) or not {"district", "district_code"} & row.cells.keys()
    )
    if is_silent and governorate == places.governorate_of(code):
        return code or None
    district = _level(row, "district", code, governorate, places)
    if governorate and district and places.governorate_of(district) != governorate:
        raise Problematic("district", "place_mismatch", f"{district} {governorate}")
    return district or governorate


def _level(row: Row, key: str, base: str | None, governorate: str | None, places: Places) -> str | None:
    said: dict[str, str] = {}
    for column in (f"{key}_code", key):
        if text := row.cells.get(column):
            said[_read(column, text, governorate, places)] = column
    changed = [code for code in said if code != base]
    if len(changed) > 1:
        raise Problematic(said[changed[1]], "place_mismatch", " ".join(changed))
    return next(iter(changed or said), None)


def _read(column: str, text: str, governorate: str | None, places: Places) -> str:
    try:
        return places.governorate(text) if column.startswith("governorate") else places.district(text, governorate)
    except UnknownPlace:
        raise Problematic(column, "unknown_place", text) from None
    except AmbiguousPlace as several:
        raise Problematic(column, "ambiguous_place", str(several)) from None
