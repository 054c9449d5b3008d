"""The page that tells the day: what was said as text in both directions of writing, and the pictures beside it."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from demo.story import HERE, WORDS, Scene
from tests.stack import ROOT

FONTS = ROOT / "node_modules" / "@fontsource-variable" / "noto-sans-arabic" / "files"
FONT = "noto-sans-arabic-arabic-wght-normal.woff2"


def write(folder: Path, scenes: Sequence[Scene]) -> Path:
    """Write index.html, with all that it needs, into the folder that holds the scenes' pictures; returns its path."""
    for file in (HERE / "page.css", FONTS / FONT):
        # The page reads well in the computer's own letters, too.
        if file.exists():
            shutil.copy(file, folder)
    # Whatever people wrote is set as text, never as markup.
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    told = environment.get_template("page.html").render(
        scenes=scenes, words=WORDS, has_pictures=any(scene.pictures for scene in scenes)
    )
    index = folder / "index.html"
    index.write_text(told, "utf-8")
    return index
