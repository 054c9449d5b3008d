"""`make harvest`: somebody reviews what staff corrected, and what they take becomes training data.

What could tell who wrote is masked before anything is shown; messages about danger are never among them
(conversations.learning). Each decision is kept at once: the file first, then the mark that it was reviewed. After a
crash in between the text is found in the file and not written again.
"""

import asyncio
import os
import re
import readline
import sys
import unicodedata
from collections import Counter
from pathlib import Path

import yaml

from conversations import learning, screening
from conversations.learning import Lesson
from conversations.models import Turn
from daleel.staff import reachable
from daleel.training import ROOT
from infrastructure import database, vault
from infrastructure.database import Sessions
from infrastructure.settings import Settings
from orthography.folding import fold

NLU = ROOT / "data" / "nlu"
HARVESTED = "harvested.yml"
HEADER = 'version: "3.1"\n# Messages of people, corrected by staff and reviewed by `make harvest`.\nnlu:\n'
DETAILS = ("need", "document", "aspect", "property_topic", "return_direction")
# Joiners belong to Kurdish and Persian spelling; all else that can't be seen stays out of files and terminals.
JOINERS = "\u200c\u200d"

EMAIL = re.compile(r"(?<![^\s@])[^\s@]+@[^\s@]+\.[^\s@]+")
LINK = re.compile(
    r"(?:https?://|www\.)\S+|(?<![\w.-])(?:[a-z0-9-]+\.)+(?:(?:com|net|org|info|iq)\b(?:/\S*)?|[a-z]{2,}/\S*)", re.I
)
NAME = re.compile(r"(?<!\w)@[\w.]+")
# Five digits or more, however they are grouped: a phone number, a card, a date of birth.
DIGITS = re.compile(r"\d(?:[\s().,،:_+/-]{0,3}\d){4,}")

WELCOME = """Corrected messages that wait for review: {count}
Numbers, addresses and @names are masked; take out (e) whatever else tells who somebody is: names, streets, dates.
y takes it, e edits the text, n never asks again, s asks later, q stops."""


def run(settings: Settings) -> None:
    """Review what waits in the terminal; without one say what waits, and change nothing."""
    with reachable(settings) as url:
        vault.unlock(vault.master_secret(settings.configured_secret, settings.home))
        asyncio.run(_run(url))


async def _run(url: str) -> None:
    engine, sessions = database.connect(url)
    try:
        if sys.stdin.isatty():
            await review(sessions, NLU)
        else:
            await tell(sessions)
    finally:
        await engine.dispose()


async def tell(sessions: Sessions) -> None:
    """Print what waits: counts only, since this output may end in a log."""
    async with sessions() as session:
        waiting = await learning.candidates(session)
    intents = Counter(lesson.correction.intent for lesson in waiting if lesson.correction)
    print(f"Corrected messages that wait for review: {len(waiting)}")
    for intent, count in intents.most_common():
        print(f"  {intent}: {count}")
    if waiting:
        print("Review them with `make harvest` in a terminal. Nothing was changed.")


async def review(sessions: Sessions, folder: Path) -> None:
    """Show each correction that waits and do what is answered; ends early with q, Ctrl-C or the end of the input."""
    async with sessions() as session:
        waiting = await learning.candidates(session)
    print(WELCOME.format(count=len(waiting)) if waiting else "No corrected messages wait for review.")
    known = trained(folder)
    for number, lesson in enumerate(waiting, start=1):
        print(f"\n{number}/{len(waiting)}")
        try:
            decision = _decide(lesson, folder, known)
        except (EOFError, KeyboardInterrupt):
            decision = "q"
        if decision == "q":
            print("\nStopped. What is left waits.")
            return
        if decision == "s" or lesson.correction is None:
            continue
        async with sessions() as session:
            await learning.reviewed(session, lesson.correction)
            await session.commit()


def _decide(lesson: Lesson, folder: Path, known: dict[str, str]) -> str:
    """What becomes of one correction: written to the file (y), not wanted (n), left (s), or the end (q)."""
    text, labels = masked(lesson.message.text), _labels(lesson)
    while True:
        folded = fold(text)
        if not folded:
            print("skipped: no words in it")
            return "n"
        if folded in known:
            print(f"skipped: this message is in {known[folded]} already")
            return "n"
        print(f"  {text}\n  {labels}")
        match input("y, e, n, s or q? ").strip().lower():
            case "y":
                append(folder / HARVESTED, text, lesson)
                known[folded] = HARVESTED
                return "y"
            case "e":
                text = _edited(text)
            case "n" | "s" | "q" as answer:
                return answer


def _edited(text: str) -> str:
    """What somebody makes of a text; the old one where they write nothing, or words that nothing is trained on."""
    # The line to edit begins with the text as it is.
    readline.set_startup_hook(lambda: readline.insert_text(text))
    try:
        edited = masked(input("new text: "))
    finally:
        readline.set_startup_hook(None)
    if screening.screen(edited):
        print("Nothing is trained on danger: the text stays as it was.")
        return text
    return edited or text


def masked(text: str) -> str:
    """A message on one line without what could identify somebody: links, e-mail addresses, @names, long numbers."""
    seen = "".join(c if c.isprintable() or c in JOINERS else " " if c.isspace() else "" for c in text)
    # Square brackets would be read as labels in training data.
    line = " ".join(seen.replace("[", "(").replace("]", ")").split())
    line = EMAIL.sub("name@example.org", line)
    line = LINK.sub("example.org", line)
    line = NAME.sub("@name", line)
    return DIGITS.sub(lambda number: re.sub(r"\d", _zero, number.group()), line)


def _zero(digit: re.Match[str]) -> str:
    """The zero of the same script."""
    return chr(ord(digit.group()) - unicodedata.decimal(digit.group()))


def register(turn: Turn) -> str:
    """The way of writing that training data is sorted by."""
    if turn.language == "ar":
        return "arabizi" if turn.script == "Latn" else "iraqi"
    return turn.language if turn.language in ("en", "ckb", "kmr") else "other"


def trained(folder: Path) -> dict[str, str]:
    """Every folded training message, and the file it is in."""
    known: dict[str, str] = {}
    for file in sorted(folder.glob("*.yml")):
        for block in yaml.load(file.read_text("utf-8"), yaml.CSafeLoader).get("nlu") or []:
            for line in str(block.get("examples", "")).splitlines():
                known.setdefault(fold(line.removeprefix("-")), file.name)
    return known


def append(file: Path, text: str, lesson: Lesson) -> None:
    """Add one example: the whole file is written beside the old one and takes its place, so a crash leaves no half."""
    before = file.read_text("utf-8") if file.exists() else HEADER
    example = f"- intent: {_intent(lesson)}\n  metadata: {{{_metadata(lesson)}}}\n  examples: |\n    - {text}\n"
    new = file.with_suffix(".new")
    with new.open("w", encoding="utf-8") as output:
        output.write(before.rstrip("\n") + "\n" + example)
        output.flush()
        os.fsync(output.fileno())
    new.replace(file)


def _intent(lesson: Lesson) -> str:
    assert lesson.correction is not None
    return lesson.correction.intent


def _metadata(lesson: Lesson) -> str:
    assert lesson.correction is not None
    entities = lesson.correction.entities
    details = [f"{kind}: [{', '.join(entities[kind])}]" for kind in DETAILS if entities.get(kind)]
    return ", ".join([f"register: {register(lesson.turn)}", *details])


def _labels(lesson: Lesson) -> str:
    return f"{_intent(lesson)}  ({_metadata(lesson)})"
