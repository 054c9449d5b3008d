"""Which language a text is in, and when we follow it."""

import csv
from pathlib import Path

import pytest

from conversations.language import detect, for_answer

LABELLED = Path(__file__).parents[3] / "shared" / "eval" / "dev.tsv"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("وين اكدر احصل على دعم نفسي بالموصل؟", "ar"),
        ("شلونكم؟ گلي چم دينار", "ar"),
        ("where can I get help with my lost documents in Duhok", "en"),
        ("need doctor pls", "en"),
        ("hi", "en"),
        ("help me", "en"),
        ("Shlon a6alle3 jinsiya jdeeda?", "ar"),
        ("wen aku mosa3ada bil mosul", "ar"),
        ("my son is 12 years old and has 2nd degree burns", "en"),
        ("دەتوانم لە کوێ یارمەتی وەربگرم", "ckb"),
        ("ez dixwazim vegerim malê", "kmr"),
        ("من برای گرفتن پاسپورت کمک می خواهم لطفا", "other"),
    ],
)
def test_detect(text: str, language: str) -> None:
    found = detect(text)
    assert found
    assert found.language == language


@pytest.mark.parametrize("text", ["", "123", "٠٧٧٠", "👍", "?!", "\u202e"])
def test_nothing_to_tell_by(text: str) -> None:
    assert detect(text) is None


@pytest.mark.parametrize(
    ("current", "text", "answered"),
    [
        pytest.param(None, "مرحبا", "ar", id="the first message decides"),
        pytest.param(None, "hello", "en", id="the first message decides, English"),
        pytest.param(None, "👍", "ar", id="Arabic when nothing tells"),
        pytest.param("ar", "ok", "ar", id="a short word does not turn the language"),
        pytest.param("ar", "Mosul", "ar", id="nor does the name of a place"),
        pytest.param("ar", "I don't read Arabic, where is a doctor?", "en", id="a sentence does"),
        pytest.param("en", "شكرا", "ar", id="Arabic letters do"),
        pytest.param("en", "١", "en", id="digits don't"),
        pytest.param("en", "دەتوانم لە کوێ یارمەتی وەربگرم", "en", id="a language we can't answer in doesn't"),
    ],
)
def test_the_language_we_answer_in(current: str | None, text: str, answered: str) -> None:
    assert for_answer(current, text) == answered


@pytest.mark.skipif(not LABELLED.exists(), reason="the labelled messages are not beside the checkout")
def test_labelled_messages() -> None:
    with LABELLED.open(encoding="utf-8") as file:
        rows = [
            row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row["language"] != "other"
        ]
    right = sum((found := detect(row["text"])) is not None and found.language == row["language"] for row in rows)
    assert right / len(rows) >= 0.95


def test_a_long_text_takes_no_longer() -> None:
    """Once, one rule looked at every pair of letters: a quarter of a million of them stopped the worker for minutes."""
    found = detect("a" * 250_000)
    assert found is not None
    assert found.script == "Latn"
