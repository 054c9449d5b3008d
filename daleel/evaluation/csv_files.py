"""Public benchmarks such as Banking77 and ArBanking77: CSV files with a header, a text and a label a row."""

import csv
import io
from pathlib import Path
from typing import NamedTuple

from daleel.evaluation.messages import Malformed, contents

TEXT_NAMES = ("text", "query", "message")
LABEL_NAMES = ("label", "category", "intent")
# Lines in one text.
LONGEST = 20


class Row(NamedTuple):
    """A message and its label."""

    text: str
    label: str


def read(path: Path, labels: frozenset[str] | None = None) -> list[Row]:
    """The rows of a file, each with a label of `labels` if they are given; raises Malformed.

    Columns are found by name; in a file of two columns with other names the first is the text.
    """
    # Not strict: ArBanking77 has quotes inside quoted texts. One that is never closed would swallow all that follows.
    reader = csv.reader(io.StringIO(contents(path), newline=""))
    rows: list[Row] = []
    try:
        text_at, label_at = _columns(path, next(reader))
        for row in filter(any, reader):
            if len(row) <= max(text_at, label_at):
                raise Malformed(f"{path}, line {reader.line_num}: {len(row)} columns are too few")
            text, label = row[text_at].strip(), row[label_at].strip()
            if text.count("\n") > LONGEST:
                raise Malformed(f"{path}, line {reader.line_num}: a quote before it is never closed")
            if not text or not label:
                raise Malformed(f"{path}, line {reader.line_num}: no {'label' if text else 'text'}")
            if labels is not None and label not in labels:
                raise Malformed(f"{path}, line {reader.line_num}: label {label!r} is not in the training file")
            rows.append(Row(text, label))
    except csv.Error as error:
        raise Malformed(f"{path}, line {reader.line_num}: {error}") from None
    if not rows:
        raise Malformed(f"{path}: no messages below the header")
    return rows


def _columns(path: Path, header: list[str]) -> tuple[int, int]:
    """Where text and label stand."""
    names = [name.strip().lower() for name in header]
    texts, labels = ([at for at, name in enumerate(names) if name in known] for known in (TEXT_NAMES, LABEL_NAMES))
    if texts and labels:
        return texts[0], labels[0]
    if len(names) == 2 and not texts and not labels:
        return 0, 1
    raise Malformed(f"{path}, line 1: missing column {'label or category' if texts else 'text'}")
