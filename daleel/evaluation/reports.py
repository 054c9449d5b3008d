"""The reports: on the terminal, as Markdown, and as one HTML page that needs nothing else."""

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from daleel.evaluation.section import Grid, Section

_MARKDOWN = re.compile(r"([\\`*_{}\[\]|~#])")
_TEMPLATE = "report.html.jinja"


def printed(section: Section) -> str:
    """The figures as lines of plain text."""
    lines = [f"{name:28} {value:6.3f}  n={n}" for name, (value, n) in section.figures.items()]
    error = f"{'calibration error':28} {section.calibration_error:6.3f}"
    return "\n".join([f"{section.title} ({section.count} messages)", *lines, error])


def markdown(sections: Sequence[Section]) -> str:
    """All sections for a text file; the matrix of intents is in the HTML page only."""
    return "\n\n".join(["# How well messages are understood", *map(_markdown, sections)]) + "\n"


def _markdown(section: Section) -> str:
    figures = [[name, f"{value:.3f}", str(n)] for name, (value, n) in section.figures.items()]
    figures.append(["calibration error", f"{section.calibration_error:.3f}", str(sum(b.n for b in section.bands))])
    bands = [
        [f"{band.low:.1f} to {band.high:.1f}", f"{band.confidence:.3f}", f"{band.right:.3f}", str(band.n)]
        for band in section.bands
    ]
    worst = [[one.truth, one.found, str(one.n), " / ".join(one.texts)] for one in section.worst]
    return "\n\n".join(
        [
            f"## {_plain(section.title)} ({section.count} messages)",
            _table(["figure", "value", "n"], figures),
            "### Confidence",
            _table(["confidence", "mean", "right", "n"], bands),
            "### Languages (row: truth, column: found)",
            _table(["", *section.languages.columns], _rows(section.languages)),
            "### Most frequent confusions",
            _table(["truth", "found", "n", "examples"], worst),
        ]
    )


def _rows(grid: Grid) -> list[list[str]]:
    return [[truth, *(str(grid.counts[truth, found] or "") for found in grid.columns)] for truth in grid.rows]


def _table(header: list[str], rows: Sequence[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *([_plain(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _plain(text: str) -> str:
    """A text that means nothing to Markdown, HTML or a table."""
    return _MARKDOWN.sub(r"\\\1", escape(" ".join(text.split())))


def html(sections: Sequence[Section]) -> str:
    """All sections as a page without scripts or anything from elsewhere; every text is escaped."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(_TEMPLATE).render(sections=sections)


def write(folder: Path, sections: Sequence[Section]) -> None:
    """Both files, report.md and report.html."""
    texts = {"report.md": markdown(sections), "report.html": html(sections)}
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
