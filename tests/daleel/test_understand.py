"""`make -s understand`: one line in, one JSON object out, whatever the line is."""

import json
import subprocess

from tests.stack import ROOT, scrubbed

MESSAGES = [
    "وين اكدر احصل على دعم نفسي بالموصل؟",
    "",
    "where can I get help with my lost documents in Duhok",
    "/restart",
    "👍",
    "ا" * 10_000,
    "null \x00 byte",
    "carriage return\r",
    "a line separator \u2028 is no line end",
]


def understand(data: bytes) -> list[dict[str, object]]:
    done = subprocess.run(
        ["make", "-s", "understand"], cwd=ROOT, env=scrubbed(), input=data, capture_output=True, timeout=300
    )
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def test_one_object_a_line_in_order() -> None:
    broken = b"half \xed\xa0\xbd an emoji"
    answers = understand(b"\n".join([*(message.encode() for message in MESSAGES), broken]))
    assert len(answers) == len(MESSAGES) + 1
    assert all({"language", "script", "intent", "confidence", "entities"} <= set(answer) for answer in answers)
    arabic, empty, english = answers[:3]
    assert (arabic["language"], arabic["script"], arabic["intent"]) == ("ar", "Arab", "find_service")
    assert arabic["entities"]["need"] == ["mhpss"]
    assert arabic["entities"]["place"][0].startswith("IQG15")
    assert (english["language"], english["intent"]) == ("en", "find_service")
    assert english["entities"]["need"] == ["documentation"]
    assert empty["intent"] == "out_of_scope"


def test_nothing_in_nothing_out() -> None:
    assert understand(b"") == []
