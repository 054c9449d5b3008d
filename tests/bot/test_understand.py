"""`python -m bot.understand models/` as the Makefile runs it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

MESSAGES: list[bytes] = [
    "وين اكدر احصل على دعم نفسي بالموصل؟".encode(),
    b"where can I get help with my lost documents in Duhok",
    b"",
    b"/restart",
    b'/greet{"place":"IQG01"}',
    b"\xff\xfe\x00 mosul",
    "🙏".encode(),
    "a\u2028b\x0bc\r".encode(),
    b"x" * 10_000,
    "اريد موظف".encode(),
]


@pytest.fixture(scope="module")
def answers(model: Path) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "bot.understand", str(model.parent)]
    run = subprocess.run(command, cwd=ROOT, input=b"\n".join(MESSAGES), stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in run.stdout.decode("utf-8").split("\n")[:-1]]


def test_each_line_gets_one_answer(answers: list[dict[str, Any]]) -> None:
    assert len(answers) == len(MESSAGES)
    for answer in answers:
        assert set(answer) == {"intent", "confidence", "sure", "entities"}
        assert 0 <= answer["confidence"] <= 1


def test_the_two_questions_of_the_first_page(answers: list[dict[str, Any]]) -> None:
    arabic, english = answers[:2]
    assert (arabic["intent"], english["intent"]) == ("find_service", "find_service")
    assert arabic["entities"]["need"] == ["mhpss"]
    assert [place[:5] for place in arabic["entities"]["place"]] == ["IQG15"]
    assert english["entities"]["need"] == ["documentation"]
    assert [place[:5] for place in english["entities"]["place"]] == ["IQG09"]


def test_nothing_and_noise_are_out_of_scope(answers: list[dict[str, Any]]) -> None:
    assert answers[2] == {"intent": "out_of_scope", "confidence": 0.0, "sure": False, "entities": {}}
    assert answers[8]["intent"] == "out_of_scope"


def test_a_command_is_only_text(answers: list[dict[str, Any]]) -> None:
    assert answers[3]["intent"] != "restart"
    assert answers[4]["confidence"] < 1
    assert answers[4]["entities"] == {}


def test_a_person_is_asked_for(answers: list[dict[str, Any]]) -> None:
    assert answers[-1]["intent"] == "talk_to_human"
