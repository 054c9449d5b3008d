"""`make harvest`: what is masked, what is written, and that nothing is lost or doubled."""

import os
import pty
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from console import accounts
from console.accounts import Staff
from conversations import learning
from conversations.models import Conversation, Correction, Turn
from daleel import harvest
from infrastructure.resources import Resources
from tests.conftest import GOOD_SECRET
from tests.console.rows import conversation, message, turn
from tests.console.serving import engines
from tests.stack import ROOT, scrubbed

__all__ = ["engines"]

CRASH = """
create function crash() returns trigger language plpgsql as $$ begin raise 'power cut'; end $$;
create trigger crash before update on correction for each row execute function crash();
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Training data with one message."""
    (tmp_path / "services.yml").write_text('version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - السلام عليكم\n')
    return tmp_path


@pytest.fixture
async def zainab(engines: Resources) -> Staff:
    async with engines.sessions() as session:
        zainab = await accounts.create_staff(
            session, "zainab@example.org", "Zainab", "hotline", "correct horse battery"
        )
        await session.commit()
    return zainab


@pytest.fixture
async def talk(engines: Resources, number: str) -> Conversation:
    async with engines.sessions() as session:
        talk = await conversation(session, number)
        await session.commit()
    return talk


@pytest.fixture
def says(engines: Resources, talk: Conversation, zainab: Staff) -> Callable[..., Any]:
    """Somebody writes, and Zainab says what it means."""

    async def says(
        words: str, intent: str = "find_service", entities: dict[str, Any] | None = None, **read: Any
    ) -> None:
        async with engines.sessions() as session:
            stored = await message(session, talk, words)
            await turn(session, stored, "out_of_scope", **{"sure": False} | read)
            assert await learning.correct(session, stored.id, intent, entities or {}, zainab.id, seen=None)
            await session.commit()

    return says


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """What somebody types, line by line; then the input ends."""

    def answers(*lines: str) -> None:
        read, write = os.pipe()
        os.write(write, "".join(f"{line}\n" for line in lines).encode())
        os.close(write)
        monkeypatch.setattr(sys, "stdin", os.fdopen(read, encoding="utf-8"))

    return answers


async def waiting(engines: Resources) -> int:
    async with engines.sessions() as session:
        return len(await learning.candidates(session))


def harvested(folder: Path) -> list[dict[str, Any]]:
    file = folder / harvest.HARVESTED
    return list(yaml.safe_load(file.read_text("utf-8"))["nlu"]) if file.exists() else []


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("رقمي 07701234567 اتصلوا", "رقمي 00000000000 اتصلوا"),
        ("رقمي ٠٧٧٠ ١٢٣ ٤٥٦٧", "رقمي ٠٠٠٠ ٠٠٠ ٠٠٠٠"),
        ("۰۷۷۰۱۲۳", "۰۰۰۰۰۰۰"),
        ("+964 (770) 123-45-67", "+000 (000) 000-00-00"),
        ("1 2 3 4 5", "0 0 0 0 0"),
        ("born 12/5/2014", "born 00/0/0000"),
        ("0\u200b7\u200f7012", "000000"),
        ("3 kids, house 1234", "3 kids, house 1234"),
        ("write to Ali.Hassan+x@mail.example.com please", "write to name@example.org please"),
        ("علي@مثال.عراق", "name@example.org"),
        ("see https://t.me/ali?x=1 and www.x.y", "see example.org and example.org"),
        ("fb.com/ali.h wa.me/9647 site.org.", "example.org example.org example.org."),
        ("no link.here and/or 9.5 km", "no link.here and/or 9.5 km"),
        ("I am @ali_h.1 (@سارة)", "I am @name (@name)"),
        ("[Duhok](place)", "(Duhok)(place)"),
        ("two\nlines\t\u2028\x85of\r\ntext", "two lines of text"),
        ("\x1b[31mred\x00\u202e\ufeff", "(31mred"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("  \u200b ", ""),
    ],
)
def test_what_tells_who_somebody_is_gets_masked(written: str, kept: str) -> None:
    assert harvest.masked(written) == kept
    assert harvest.masked(kept) == kept


@pytest.mark.parametrize(
    ("language", "script", "register"),
    [
        ("ar", "Arab", "iraqi"),
        ("ar", None, "iraqi"),
        ("ar", "Latn", "arabizi"),
        ("en", "Latn", "en"),
        ("ckb", "Arab", "ckb"),
        ("kmr", "Latn", "kmr"),
        ("other", "Latn", "other"),
        ("fa", "Arab", "other"),
    ],
)
def test_registers(language: str, script: str | None, register: str) -> None:
    assert harvest.register(Turn(language=language, script=script)) == register


async def test_what_is_taken_is_written_as_rasa_reads_it(
    engines: Resources, folder: Path, says: Callable[..., Any], answers: Callable[..., None]
) -> None:
    details = {"need": ["cash", "food"], "aspect": [], "place": ["IQG15"], "document": ["passport"]}
    await says("اريد فلوس، رقمي 07701234567", "find_service", details)
    await says('- "quotes": {and} #signs | > \\ 👍', "ask_return", {"return_direction": ["to_iraq"]}, language="en")
    answers("y", " Y ")
    await harvest.review(engines.sessions, folder)
    assert (folder / harvest.HARVESTED).read_text("utf-8") == (
        harvest.HEADER
        + "- intent: find_service\n  metadata: {register: iraqi, need: [cash, food], document: [passport]}\n"
        + "  examples: |\n    - اريد فلوس، رقمي 00000000000\n"
        + "- intent: ask_return\n  metadata: {register: en, return_direction: [to_iraq]}\n"
        + '  examples: |\n    - - "quotes": {and} #signs | > \\ 👍\n'
    )
    [first, second] = harvested(folder)
    assert first["metadata"] == {"register": "iraqi", "need": ["cash", "food"], "document": ["passport"]}
    assert second["examples"] == '- - "quotes": {and} #signs | > \\ 👍\n'
    assert await waiting(engines) == 0


async def test_every_answer(
    engines: Resources,
    folder: Path,
    says: Callable[..., Any],
    answers: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    for words in ("never this", "later this", "my name is Ali", "stops here", "not reached"):
        await says(words, language="en")
    answers("n", "what?", "s", "e", "my name is [X] 07701234567", "y", "q", "y")
    await harvest.review(engines.sessions, folder)
    assert [block["examples"] for block in harvested(folder)] == ["- my name is (X) 00000000000\n"]
    assert await waiting(engines) == 3
    shown = capsys.readouterr().out
    assert "Corrected messages that wait for review: 5" in shown
    assert shown.count("later this") == 2
    assert "not reached" not in shown


async def test_an_edit_may_stay_empty_and_never_speaks_of_danger(
    engines: Resources, folder: Path, says: Callable[..., Any], answers: Callable[..., None]
) -> None:
    await says("hello my friend", "greet", language="en")
    answers("e", "", "e", "أريد أن أنتحر", "y")
    await harvest.review(engines.sessions, folder)
    assert [block["examples"] for block in harvested(folder)] == ["- hello my friend\n"]


async def test_the_end_of_the_input_stops(
    engines: Resources, folder: Path, says: Callable[..., Any], answers: Callable[..., None]
) -> None:
    await says("hello")
    answers()
    await harvest.review(engines.sessions, folder)
    assert (harvested(folder), await waiting(engines)) == ([], 1)


async def test_duplicates_are_skipped_with_a_word(
    engines: Resources,
    folder: Path,
    says: Callable[..., Any],
    answers: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Also what is spelt differently, is one only after an edit, comes twice in one review, or has no words."""
    await says("السَّلامُ عليكم!!", "greet")
    await says("أريد مساعده")
    await says("اريد مساعدة")
    await says("اريد مساعدة علي")
    await says("👍👍", "affirm")
    answers("y", "e", "اريد مساعدة")
    await harvest.review(engines.sessions, folder)
    assert [block["examples"] for block in harvested(folder)] == ["- أريد مساعده\n"]
    assert await waiting(engines) == 0
    shown = capsys.readouterr().out
    assert "skipped: this message is in services.yml already" in shown
    assert shown.count("skipped: this message is in harvested.yml already") == 2
    assert "skipped: no words in it" in shown


async def test_danger_is_never_offered(
    engines: Resources,
    folder: Path,
    says: Callable[..., Any],
    answers: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    await says("something happened at home", "gbv_disclosure")
    await says("and where can I get a passport", "ask_document")
    answers("y", "y")
    await harvest.review(engines.sessions, folder)
    shown = capsys.readouterr().out
    assert "No corrected messages wait" in shown
    assert "passport" not in shown
    assert harvested(folder) == []


@pytest.fixture
async def power_cut(engines: Resources) -> AsyncIterator[None]:
    """Everything ends when a correction is to be marked as reviewed."""
    async with engines.sessions() as session:
        await session.execute(text(CRASH))
        await session.commit()
    yield
    async with engines.sessions() as session:
        await session.execute(text("drop function if exists crash() cascade"))
        await session.commit()


async def test_a_crash_between_file_and_mark_doubles_nothing(
    engines: Resources,
    folder: Path,
    says: Callable[..., Any],
    answers: Callable[..., None],
    power_cut: None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await says("اريد فلوس")
    answers("y")
    with pytest.raises(DBAPIError, match="power cut"):
        await harvest.review(engines.sessions, folder)
    assert (len(harvested(folder)), await waiting(engines)) == (1, 1)
    async with engines.sessions() as session:
        await session.execute(text("drop function crash() cascade"))
        await session.commit()
    answers("y")
    await harvest.review(engines.sessions, folder)
    assert "skipped: this message is in harvested.yml already" in capsys.readouterr().out
    assert (len(harvested(folder)), await waiting(engines)) == (1, 0)


async def test_each_decision_is_kept_at_once(
    engines: Resources, folder: Path, says: Callable[..., Any], answers: Callable[..., None]
) -> None:
    for words in ("first", "second"):
        await says(words, language="en")
    answers("y")  # and then the terminal is gone
    await harvest.review(engines.sessions, folder)
    assert (len(harvested(folder)), await waiting(engines)) == (1, 1)


async def test_what_somebody_wrote_into_the_file_stays(
    engines: Resources, folder: Path, says: Callable[..., Any], answers: Callable[..., None]
) -> None:
    mine = 'version: "3.1"\nnlu:\n# mine\n- intent: thank\n  examples: |\n    - thanks a lot'
    (folder / harvest.HARVESTED).write_text(mine)
    await says("hello", "greet", language="en")
    answers("y")
    await harvest.review(engines.sessions, folder)
    assert (folder / harvest.HARVESTED).read_text("utf-8").startswith(mine + "\n- intent: greet\n")
    assert [file.name for file in folder.iterdir() if file.suffix != ".yml"] == []


def environment(resources: Resources) -> dict[str, str]:
    return scrubbed() | {
        "DATABASE_URL": resources.settings.required("database_url"),
        "DALEEL_SECRET": GOOD_SECRET,
        "DALEEL_HOME": str(resources.settings.home / "harvest"),
    }


async def test_without_a_terminal_nothing_changes(engines: Resources, says: Callable[..., Any]) -> None:
    await says("اريد فلوس")
    await says("مرحبا", "greet")
    before = harvested(harvest.NLU)
    done = subprocess.run(
        [sys.executable, "-m", "daleel", "harvest"],
        cwd=ROOT,
        env=environment(engines),
        input="y\ny\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "Corrected messages that wait for review: 2" in done.stdout
    assert "find_service: 1" in done.stdout
    assert "make harvest" in done.stdout
    assert "فلوس" not in done.stdout
    assert (harvested(harvest.NLU), await waiting(engines)) == (before, 2)


async def test_in_a_terminal_a_message_is_reviewed(engines: Resources, says: Callable[..., Any]) -> None:
    """The command itself; the answer is one that writes nothing into the repository, which has no such message."""
    await says("اريد فلوس زقزوق بقبوق")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "daleel", "harvest"],
        cwd=ROOT,
        env=environment(engines),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as reviewing:
        os.close(theirs)
        shown = b""
        while b"q? " not in shown:
            shown += os.read(ours, 4096)
        # The line to edit holds the text already; what is typed goes to its end.
        os.write(ours, b"e\n")
        while b"new text: " not in shown:
            shown += os.read(ours, 4096)
        os.write(ours, " اليوم\n".encode())
        while shown.count(b"q? ") < 2:
            shown += os.read(ours, 4096)
        os.write(ours, b"n\n")
        assert reviewing.wait(60) == 0
    os.close(ours)
    assert "اريد فلوس زقزوق بقبوق اليوم" in shown.decode()
    assert await waiting(engines) == 0
    async with engines.sessions() as session:
        [correction] = await session.scalars(select(Correction))
        assert correction.harvested_at
