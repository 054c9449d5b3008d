"""CSV as it comes from Excel, Google Sheets and Kobo: any encoding and delimiter they write."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from charset_normalizer import from_bytes

from directory.exchange.cells import guard
from directory.exchange.problems import Problem, RawRow, Refused

# The order decides: UTF-32's little-endian mark begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 64 * 1024
_DELIMITERS = ",;\t"
# Letters of Iraq's languages, Latin ones, digits and punctuation: what a table read in the right encoding is made of.
_EXPECTED = re.compile("[\t\n\r -~\u00a0-\u00ff\u0600-\u06ff\u0750-\u077f\u2000-\u206f\ufb50-\ufdff\ufe70-\ufeff]")
_MOSTLY = 0.95
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
_OTHER_FORMATS = re.compile(r"\s*(?:<|\{|\[\s*[\[{]|%PDF)")


def read_csv(data: bytes, problems: list[Problem]) -> Iterator[RawRow]:
    """The rows of a CSV file, blank ones too; notices go into `problems`. Refused if it cannot be read."""
    text, guessed = _decode(data)
    if guessed:
        problems.append(Problem(None, None, "encoding_guessed", guessed))
    if _OTHER_FORMATS.match(text) or len(_CONTROL.findall(text[:_SAMPLE])) > len(text[:_SAMPLE]) / 20:
        raise Refused("not_a_table")
    # Excel's own first line saying the delimiter; Excel does not count it as a row.
    if said := re.match(r"sep=([,;\t])(?:\r\n?|\n|$)", text, re.IGNORECASE):
        return _rows(text[said.end() :], said[1])
    return _rows(text, _delimiter(text[:_SAMPLE]))


def write_csv(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    """A CSV file that Excel opens in Arabic and runs nothing of; a column missing in a row is an empty cell.

    `tables.read_table` gives the same texts back, if they were clean.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([guard(column) for column in columns])
    writer.writerows([guard(row.get(column, "")) for column in columns] for row in rows)
    return file.getvalue().encode("utf-8-sig")


def _rows(text: str, delimiter: str) -> Iterator[RawRow]:
    number = 0
    try:
        # Strict: a quotation mark left open would otherwise swallow all that follows into one cell.
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1):
            yield number, list(cells)
    except csv.Error as error:
        raise Refused("broken_quotes", row=number + 1) from error


def _delimiter(sample: str) -> str:
    """The delimiter that gives the first row most cells, and then as many to most of the next rows."""

    def fitness(delimiter: str) -> tuple[int, int]:
        widths: list[int] = []
        try:
            reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
            widths.extend(len(cells) for cells in islice(filter(None, reader), 20))
        except csv.Error:
            return 0, 0
        return (widths[0], widths.count(widths[0])) if widths else (0, 0)

    return max(_DELIMITERS, key=fitness)


def _decode(data: bytes) -> tuple[str, str | None]:
    """The text, and the name of its encoding if that was a guess."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly(data, encoding).removeprefix("\ufeff"), None
    if b"\0" in data[:_SAMPLE]:  # in UTF-16 every comma and line end has one; ASCII in UTF-16 is valid UTF-8
        for encoding in ("utf-16-le", "utf-16-be"):
            sample = data[:_SAMPLE].decode(encoding, "replace")
            if len(_EXPECTED.findall(sample)) >= _MOSTLY * len(sample):
                return _strictly(data, encoding), "UTF-16"
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError as error:
        # UTF-8 with a few broken bytes must not become Arabic-looking nonsense in Windows-1256.
        lenient = data.decode("utf-8", "replace")
        foreign = sum(not character.isascii() for character in lenient)
        if lenient.count("\ufffd") < foreign / 2:
            raise _unreadable(data, "UTF-8", error) from error
    return _arabic_of_windows(data), "Windows-1256"


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _unreadable(data, encoding.upper().removesuffix("-SIG"), error) from error


def _unreadable(data: bytes, encoding: str, error: UnicodeDecodeError) -> Refused:
    line = data.count(b"\n", 0, error.start) + 1
    return Refused("unreadable", f"{encoding}, line {line}")


def _arabic_of_windows(data: bytes) -> str:
    """Every byte is a letter in Windows-1256, so that it decodes proves nothing: the words must look like Arabic."""
    foreign = b"\n".join(line for line in data.splitlines() if not line.isascii())
    best = from_bytes(foreign[:_SAMPLE], cp_isolation=["cp1256", "iso8859_6"]).best()
    if best is None or best.encoding != "cp1256":
        raise Refused("unreadable", "neither UTF-8 nor Windows-1256")
    return data.decode("cp1256")
